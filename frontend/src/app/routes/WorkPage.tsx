import { Alert } from "@mantine/core";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { GuidelineNewsProvider } from "@/features/work/guideline/GuidelineNewsProvider";
import { WorkOverview } from "@/features/work/WorkOverview";
import { LinkButton } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";

const route = getRouteApi("/shell/work");

export function WorkPage(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { ended } = route.useSearch();
  return (
    <Page
      title={t("work.title")}
      lead={t("work.lead")}
      actions={
        <LinkButton to="/work/history" variant="default">
          {t("work.history")}
        </LinkButton>
      }
    >
      {ended && (
        <Alert role="status" radius="lg" title={t("work.queue_empty")}>
          {t(`no_work.${ended}.detail`)}
        </Alert>
      )}
      <GuidelineNewsProvider>
        <WorkOverview onClaim={(claim) => void navigate({ to: "/work/$claimId", params: { claimId: claim.id } })} />
      </GuidelineNewsProvider>
    </Page>
  );
}
