import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { MyAnswers } from "@/features/work/MyAnswers";
import { PacePanel } from "@/features/work/pace/PacePanel";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";

export function WorkHistoryPage(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <Page
      title={t("work.history")}
      lead={t("work.history_lead")}
      back={
        <LinkAnchor to="/work">
          <BackLabel>{t("work.title")}</BackLabel>
        </LinkAnchor>
      }
    >
      <PacePanel />
      <MyAnswers onClaim={(claim) => void navigate({ to: "/work/$claimId", params: { claimId: claim.id } })} />
    </Page>
  );
}
