import { Alert, Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { saveProject } from "@/features/projects/api";
import { ArchiveProject } from "@/features/projects/ArchiveProject";
import { ProjectDialog } from "@/features/projects/ProjectDialog";
import { ProjectProgress } from "@/features/projects/ProjectProgress";
import { Page } from "@/shared/components/Page";
import { projectOptions, projectsOptions } from "@/shared/api/queries";
import { useProject } from "../useProject";
import { YourPart } from "../YourPart";

export function ProjectPage(): ReactNode {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { projectId, project, may } = useProject();
  const [opened, dialog] = useDisclosure();
  const saved = () => {
    void queries.invalidateQueries({ queryKey: projectOptions(projectId).queryKey, exact: true });
    void queries.invalidateQueries({ queryKey: projectsOptions.queryKey });
  };
  return (
    <Page
      title={project.name}
      lead={project.description}
      actions={
        may("manage_project") && (
          <>
            <Button variant="default" onClick={dialog.open}>
              {t("projects.edit")}
            </Button>
            <ArchiveProject project={project} onChanged={saved} />
          </>
        )
      }
    >
      {project.archived_at !== null && (
        <Alert color="gray" role="note" title={t("state.archived")}>
          {t("projects.is_archived")}
        </Alert>
      )}
      {may("view_prompts") ? <ProjectProgress projectId={projectId} /> : <YourPart />}
      <ProjectDialog
        key={project.name + project.description}
        opened={opened}
        onClose={dialog.close}
        title={t("projects.edit")}
        start={project}
        save={(change) => saveProject(projectId, change)}
        onSaved={saved}
      />
    </Page>
  );
}
