import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { MyConsents } from "@/features/giving/MyConsents";
import { MyData } from "@/features/giving/MyData";
import { Page } from "@/shared/components/Page";

export function MyDataPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <Page title={t("giving.title")} lead={t("giving.lead")}>
      <MyData />
      <MyConsents />
    </Page>
  );
}
