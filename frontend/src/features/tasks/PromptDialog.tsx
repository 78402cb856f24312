import { Button, Group, Modal, Stack, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import { ProtocolSelect } from "@/shared/components/ProtocolSelect";
import { addPrompt } from "./api";

interface Props {
  projectId: number;
  opened: boolean;
  onClose: () => void;
}

export function PromptDialog({ projectId, opened, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [protocol, setProtocol] = useState<number>();
  const adding = useMutation({
    mutationFn: () => addPrompt(projectId, { text, protocol }),
    onSuccess: () => {
      setText("");
      onClose();
      return queries.invalidateQueries({ queryKey: ["project", projectId] });
    },
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    adding.mutate();
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t("prompts.new")} size="lg">
      <form onSubmit={send}>
        <Stack>
          <ProblemNotice error={adding.error} />
          <Textarea
            label={t("prompts.text")}
            required
            data-autofocus
            autosize
            minRows={4}
            maxRows={14}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <ProtocolSelect
            projectId={projectId}
            kind="demonstration"
            label={t("prompts.open_task_in")}
            placeholder={t("prompts.no_task")}
            value={protocol}
            onChange={setProtocol}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={adding.isPending}>
              {t("prompts.add")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
