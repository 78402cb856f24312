import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AppealQueue } from "@/features/chat/AppealQueue";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function AppealsPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId } = useProject();
  return (
    <Page title={t("appeals.page")} lead={t("appeals.lead")}>
      <AppealQueue projectId={projectId} />
    </Page>
  );
}
