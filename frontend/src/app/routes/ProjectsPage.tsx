import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { createProject } from "@/features/projects/api";
import { ProjectDialog } from "@/features/projects/ProjectDialog";
import { ProjectList } from "@/features/projects/ProjectList";
import { Page } from "@/shared/components/Page";
import { projectsOptions } from "@/shared/api/queries";
import type { Project } from "@/shared/api/types";
import { useMe } from "../useMe";

export function ProjectsPage(): ReactNode {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [opened, dialog] = useDisclosure();
  const open = async (project: Project) => {
    await queries.invalidateQueries({ queryKey: projectsOptions.queryKey });
    await navigate({ to: "/projects/$projectId", params: { projectId: project.id } });
  };
  return (
    <Page
      title={t("projects.title")}
      lead={t("projects.lead")}
      actions={me.is_owner && <Button onClick={dialog.open}>{t("projects.new")}</Button>}
    >
      <ProjectList onNew={me.is_owner ? dialog.open : undefined} />
      <ProjectDialog
        opened={opened}
        onClose={dialog.close}
        title={t("projects.new")}
        save={createProject}
        onSaved={(project) => void open(project)}
      />
    </Page>
  );
}
