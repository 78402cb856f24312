import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { RunView } from "@/features/runs/RunView";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useId } from "../useId";
import { useProject } from "../useProject";

export function RunPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId } = useProject();
  const runId = useId("runId");
  const back = (
    <LinkAnchor to="/projects/$projectId/runs" params={{ projectId }}>
      <BackLabel>{t("runs.title")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page title={t("runs.one", { id: runId })} back={back}>
      <RunView projectId={projectId} runId={runId} />
    </Page>
  );
}
