import { IconError404, IconMoodSad } from "@tabler/icons-react";
import { type ErrorComponentProps } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/shared/api/problem";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkButton } from "@/shared/components/Links";
import { Loading } from "@/shared/components/Loading";
import { Page } from "@/shared/components/Page";
import { ProblemNotice } from "@/shared/components/Problem";

export function NoPage() {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={IconError404}
      title={t("problem.no_page")}
      action={
        <LinkButton to="/work" search={{}}>
          {t("problem.home")}
        </LinkButton>
      }
    >
      {t("problem.no_page_detail")}
    </EmptyState>
  );
}

export function PageFailed({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  if (asProblem(error).status === 404) return <NoPage />;
  return (
    <EmptyState icon={IconMoodSad} title={t("problem.page")} action={<ProblemNotice error={error} onRetry={reset} />} />
  );
}

export function PagePending() {
  return (
    <Page title=" ">
      <Loading />
    </Page>
  );
}
