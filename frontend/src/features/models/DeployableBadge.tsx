import { Badge, Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ModelDetail } from "@/shared/api/types";

export function DeployableBadge({ model }: { model: Pick<ModelDetail, "deployable" | "stage"> }) {
  const { t } = useTranslation();
  return (
    <Tooltip
      label={t(model.deployable ? "models.deployable_reason" : "models.not_deployable_reason")}
      multiline
      maw={300}
    >
      <Badge variant="light" tt="none" color={model.deployable ? "moss" : "gray"} tabIndex={0}>
        {t(model.deployable ? "models.deployable" : "models.not_deployable")}
      </Badge>
    </Tooltip>
  );
}
