import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { ProblemNotice } from "@/shared/components/Problem";
import type { Project } from "@/shared/api/types";
import { archiveProject, unarchiveProject } from "./api";

/** Put a project into the archive, or take it out again. */
export function ArchiveProject({ project, onChanged }: { project: Project; onChanged: () => void }) {
  const { t } = useTranslation();
  const isArchived = project.archived_at !== null;
  const changing = useMutation({
    mutationFn: () => (isArchived ? unarchiveProject(project.id) : archiveProject(project.id)),
    onSuccess: onChanged,
  });
  return (
    <>
      <ProblemNotice error={changing.error} />
      {isArchived ? (
        <Button variant="default" loading={changing.isPending} onClick={() => changing.mutate()}>
          {t("projects.unarchive")}
        </Button>
      ) : (
        <ConfirmButton
          size="sm"
          variant="default"
          color="gray"
          deedColor="fjord"
          label={t("projects.archive")}
          question={t("projects.archive_question", { name: project.name })}
          detail={t("projects.archive_detail")}
          onConfirm={() => changing.mutate()}
        />
      )}
    </>
  );
}
