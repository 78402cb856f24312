import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { MyAnswers } from "@/features/work/MyAnswers";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";

export function WorkHistoryPage(): ReactNode {
  const { t } = useTranslation();
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
      <MyAnswers />
    </Page>
  );
}
