import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Lineage } from "@/features/lineage/Lineage";
import { releaseOptions } from "@/features/releases/api";
import { ReleaseView } from "@/features/releases/ReleaseView";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useId } from "../useId";
import { useProject } from "../useProject";

export function ReleasePage(): ReactNode {
  const { t } = useTranslation();
  const { projectId, may } = useProject();
  const releaseId = useId("releaseId");
  const name = useQuery(releaseOptions(projectId, releaseId)).data?.name;
  const back = (
    <LinkAnchor to="/projects/$projectId/releases" params={{ projectId }}>
      <BackLabel>{t("releases.title")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page title={name ?? t("releases.one", { id: releaseId })} back={back}>
      <ReleaseView
        projectId={projectId}
        releaseId={releaseId}
        mayTrain={may("start_run")}
        mayFreeze={may("create_release")}
      />
      <Lineage projectId={projectId} subject="release" id={releaseId} />
    </Page>
  );
}
