import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { PromptDetail } from "@/features/tasks/PromptDetail";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useId } from "../useId";
import { useProject } from "../useProject";

export function PromptPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId } = useProject();
  const promptId = useId("promptId");
  const back = (
    <LinkAnchor to="/projects/$projectId/prompts" params={{ projectId }}>
      <BackLabel>{t("prompts.title")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page title={t("prompts.one", { id: promptId })} back={back}>
      <PromptDetail projectId={projectId} promptId={promptId} />
    </Page>
  );
}
