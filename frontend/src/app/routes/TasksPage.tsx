import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { TaskTable } from "@/features/tasks/TaskTable";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function TasksPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId, may } = useProject();
  return (
    <Page title={t("tasks.title")} lead={t("tasks.lead")}>
      <TaskTable projectId={projectId} mayManage={may("manage_tasks")} />
    </Page>
  );
}
