import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { JobTable } from "@/features/system/JobTable";
import { SystemView } from "@/features/system/SystemView";
import { Page } from "@/shared/components/Page";

export function SystemPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <Page title={t("system.title")} lead={t("system.lead")}>
      <SystemView />
      <JobTable />
    </Page>
  );
}
