import { Badge, Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ModelDetail } from "@/shared/api/types";

const USES: Partial<Record<ModelDetail["stage"], "completes_only" | "filters">> = {
  pretrain: "completes_only",
  moderation: "filters",
};

/** What a model may be used for; that it is stale comes before all else. */
export function DeployableBadge({ model }: { model: Pick<ModelDetail, "deployable" | "stage" | "stale_at"> }) {
  const { t } = useTranslation();
  if (model.stale_at !== null)
    return (
      <Tooltip label={t("lineage.stale_model_detail")} multiline maw={300}>
        <Badge variant="light" tt="none" color="yellow" tabIndex={0}>
          {t("lineage.stale_model")}
        </Badge>
      </Tooltip>
    );
  const use = model.deployable ? "deployable" : (USES[model.stage] ?? "not_deployable");
  return (
    <Tooltip label={t(`models.${use}_reason`)} multiline maw={300}>
      <Badge variant="light" tt="none" color={model.deployable ? "moss" : "gray"} tabIndex={0}>
        {t(`models.${use}`)}
      </Badge>
    </Tooltip>
  );
}
