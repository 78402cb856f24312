import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { RunTable } from "@/features/runs/RunTable";
import { LinkButton } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function RunsPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId, may } = useProject();
  const start = may("start_run") && (
    <LinkButton to="/projects/$projectId/runs/new" params={{ projectId }} search={{}}>
      {t("runs.new")}
    </LinkButton>
  );
  return (
    <Page title={t("runs.title")} lead={t("runs.lead")} actions={start}>
      <RunTable projectId={projectId} />
    </Page>
  );
}
