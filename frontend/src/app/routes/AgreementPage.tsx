import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AgreementView } from "@/features/quality/AgreementView";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function AgreementPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId } = useProject();
  return (
    <Page title={t("agreement.title")} lead={t("agreement.lead")}>
      <AgreementView projectId={projectId} />
    </Page>
  );
}
