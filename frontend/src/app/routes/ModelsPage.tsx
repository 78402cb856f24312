import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ModelTable } from "@/features/models/ModelTable";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function ModelsPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId } = useProject();
  return (
    <Page title={t("models.title")} lead={t("models.lead")}>
      <ModelTable projectId={projectId} />
    </Page>
  );
}
