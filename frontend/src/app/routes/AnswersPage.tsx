import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AnswerTable } from "@/features/quality/AnswerTable";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

const route = getRouteApi("/shell/projects/$projectId/answers");

export function AnswersPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId, may } = useProject();
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page title={t("answers.title")} lead={t("answers.lead")}>
      <AnswerTable
        projectId={projectId}
        filter={filter}
        onFilter={(search) => void navigate({ search, replace: true })}
        mayReview={may("review_answers")}
      />
    </Page>
  );
}
