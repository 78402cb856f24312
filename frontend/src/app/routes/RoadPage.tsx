import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { RoadView } from "@/features/road/RoadView";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function RoadPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId, may } = useProject();
  return (
    <Page title={t("road.title")} lead={t("road.lead")}>
      <RoadView projectId={projectId} mayOrder={may("start_run")} />
    </Page>
  );
}
