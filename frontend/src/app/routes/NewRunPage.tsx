import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NewRun } from "@/features/runs/NewRun";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

const route = getRouteApi("/shell/projects/$projectId/runs/new");

export function NewRunPage(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { projectId } = useProject();
  const { release } = route.useSearch();
  const back = (
    <LinkAnchor to="/projects/$projectId/runs" params={{ projectId }}>
      <BackLabel>{t("runs.title")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page title={t("runs.new")} back={back}>
      <NewRun
        projectId={projectId}
        release={release}
        onStarted={(run) =>
          void navigate({ to: "/projects/$projectId/runs/$runId", params: { projectId, runId: run.id } })
        }
      />
    </Page>
  );
}
