import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ImportTable } from "@/features/imports/ImportTable";
import { UploadPanel } from "@/features/imports/UploadPanel";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function ImportsPage(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { projectId } = useProject();
  return (
    <Page title={t("imports.title")} lead={t("imports.lead")}>
      <UploadPanel
        projectId={projectId}
        onUploaded={(row) =>
          void navigate({ to: "/projects/$projectId/imports/$importId", params: { projectId, importId: row.id } })
        }
      />
      <ImportTable projectId={projectId} />
    </Page>
  );
}
