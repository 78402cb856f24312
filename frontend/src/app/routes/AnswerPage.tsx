import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AnswerView } from "@/features/tasks/AnswerView";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useId } from "../useId";
import { useProject } from "../useProject";

export function AnswerPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId } = useProject();
  const answerId = useId("answerId");
  const back = (
    <LinkAnchor to="/projects/$projectId/answers" params={{ projectId }}>
      <BackLabel>{t("answers.title")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page title={t("answers.one", { id: answerId })} back={back}>
      <AnswerView projectId={projectId} answerId={answerId} />
    </Page>
  );
}
