import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AnswerTable } from "@/features/tasks/AnswerTable";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function AnswersPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId } = useProject();
  return (
    <Page title={t("answers.title")} lead={t("answers.lead")}>
      <AnswerTable projectId={projectId} />
    </Page>
  );
}
