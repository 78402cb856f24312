import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { DownloadLog } from "@/features/releases/DownloadLog";
import { FreezeForm } from "@/features/releases/FreezeForm";
import { LabelStudioExport } from "@/features/releases/LabelStudioExport";
import { ReleaseTable } from "@/features/releases/ReleaseTable";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function ReleasesPage(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { projectId, may } = useProject();
  return (
    <Page title={t("releases.title")} lead={t("releases.lead")}>
      {may("create_release") && (
        <FreezeForm
          projectId={projectId}
          onFrozen={(release) =>
            void navigate({
              to: "/projects/$projectId/releases/$releaseId",
              params: { projectId, releaseId: release.id },
            })
          }
        />
      )}
      <ReleaseTable projectId={projectId} />
      {may("view_downloads") && <DownloadLog projectId={projectId} />}
      {may("create_release") && <LabelStudioExport projectId={projectId} />}
    </Page>
  );
}
