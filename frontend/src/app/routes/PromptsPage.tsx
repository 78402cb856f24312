import { Button } from "@mantine/core";
import { useDisclosure, useSet } from "@mantine/hooks";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { OpenTasksDialog } from "@/features/tasks/OpenTasksDialog";
import { PromptDialog } from "@/features/tasks/PromptDialog";
import { PromptTable } from "@/features/tasks/PromptTable";
import { LinkButton } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function PromptsPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId, may } = useProject();
  const chosen = useSet<number>();
  const [adding, addDialog] = useDisclosure();
  const [opening, openDialog] = useDisclosure();
  const choose = (id: number) => (chosen.has(id) ? chosen.delete(id) : chosen.add(id));
  const actions = (
    <>
      {may("manage_tasks") && (
        <Button variant="default" disabled={chosen.size === 0} onClick={openDialog.open}>
          {chosen.size === 0 ? t("tasks.open") : t("tasks.open_for", { count: chosen.size })}
        </Button>
      )}
      <LinkButton variant="default" to="/projects/$projectId/duplicates" params={{ projectId }}>
        {t("duplicates.title")}
      </LinkButton>
      {may("import_data") && (
        <LinkButton variant="default" to="/projects/$projectId/imports" params={{ projectId }}>
          {t("imports.title")}
        </LinkButton>
      )}
      {may("add_prompts") && <Button onClick={addDialog.open}>{t("prompts.new")}</Button>}
    </>
  );
  return (
    <Page title={t("prompts.title")} lead={t("prompts.lead")}>
      <PromptTable projectId={projectId} chosen={chosen} onChoose={choose} actions={actions} />
      <PromptDialog projectId={projectId} opened={adding} onClose={addDialog.close} />
      <OpenTasksDialog
        projectId={projectId}
        prompts={[...chosen]}
        opened={opening}
        onClose={openDialog.close}
        onDone={() => chosen.clear()}
      />
    </Page>
  );
}
