import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Duplicates } from "@/features/duplicates/Duplicates";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function DuplicatesPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId, may } = useProject();
  const back = (
    <LinkAnchor to="/projects/$projectId/prompts" params={{ projectId }}>
      <BackLabel>{t("nav.prompts")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page title={t("duplicates.title")} lead={t("duplicates.lead")} back={back}>
      <Duplicates projectId={projectId} maySearch={may("import_data")} />
    </Page>
  );
}
