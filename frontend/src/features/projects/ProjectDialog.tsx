import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import type { Project } from "@/shared/api/types";

interface Props {
  opened: boolean;
  onClose: () => void;
  title: string;
  start?: { name: string; description: string };
  save: (project: { name: string; description: string }) => Promise<Project>;
  onSaved: (project: Project) => void;
}

export function ProjectDialog({ opened, onClose, title, start, save, onSaved }: Props) {
  const { t } = useTranslation();
  const [name, setName] = useState(start?.name ?? "");
  const [description, setDescription] = useState(start?.description ?? "");
  const saving = useMutation({
    mutationFn: () => save({ name, description }),
    onSuccess: (project) => {
      onClose();
      onSaved(project);
    },
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <form onSubmit={send}>
        <Stack>
          <ProblemNotice error={saving.error} />
          <TextInput
            label={t("projects.name")}
            required
            data-autofocus
            maxLength={120}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Textarea
            label={t("projects.description")}
            description={t("projects.description_hint")}
            autosize
            minRows={3}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={saving.isPending}>
              {t("action.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
