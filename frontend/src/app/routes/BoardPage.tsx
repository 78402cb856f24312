import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { BoardView } from "@/features/board/BoardView";
import { HoursPanel } from "@/features/board/HoursPanel";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function BoardPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId, may } = useProject();
  return (
    <Page title={t("board.title")} lead={t("board.lead")}>
      <BoardView projectId={projectId} />
      {may("view_hours") && <HoursPanel projectId={projectId} />}
    </Page>
  );
}
