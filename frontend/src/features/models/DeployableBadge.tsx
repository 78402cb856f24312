import { Badge, Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ModelDetail } from "@/shared/api/types";

const USES: Partial<Record<ModelDetail["stage"], "completes_only" | "filters">> = {
  pretrain: "completes_only",
  moderation: "filters",
};

type Shown = Pick<ModelDetail, "deployable" | "waits_for_people" | "stage" | "stale_at">;

/** What a model may be used for; that it is stale comes before all else. */
export function DeployableBadge({ model }: { model: Shown }) {
  const { t } = useTranslation();
  if (model.stale_at !== null)
    return (
      <Tooltip label={t("lineage.stale_model_detail")} multiline maw={300}>
        <Badge variant="light" tt="none" color="yellow" tabIndex={0}>
          {t("lineage.stale_model")}
        </Badge>
      </Tooltip>
    );
  if (model.waits_for_people)
    return (
      <Tooltip label={t("compare.badge_reason")} multiline maw={300}>
        <Badge variant="light" tt="none" color="yellow" tabIndex={0}>
          {t("compare.badge")}
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
