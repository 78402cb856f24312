import { Button, Group, Modal, NumberInput, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "@/shared/components/announcer";
import { ProblemNotice } from "@/shared/components/Problem";
import { ProtocolSelect } from "@/shared/components/ProtocolSelect";
import { openTasks } from "./api";

interface Props {
  projectId: number;
  prompts: readonly number[];
  opened: boolean;
  onClose: () => void;
  onDone: () => void;
}

export function OpenTasksDialog({ projectId, prompts, opened, onClose, onDone }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [protocol, setProtocol] = useState<number>();
  const [required, setRequired] = useState<number | string>("");
  const [priority, setPriority] = useState<number | string>(0);
  const opening = useMutation({
    mutationFn: (protocol: number) =>
      openTasks(projectId, {
        protocol,
        prompts: [...prompts],
        required_answers: required === "" ? undefined : Number(required),
        priority: Number(priority),
      }),
    onSuccess: () => {
      announce(t("tasks.opened"));
      onClose();
      onDone();
      return queries.invalidateQueries({ queryKey: ["project", projectId] });
    },
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (protocol !== undefined) opening.mutate(protocol);
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t("tasks.open_title", { count: prompts.length })}>
      <form onSubmit={send}>
        <Stack>
          <ProblemNotice error={opening.error} />
          <Text size="sm" c="dimmed">
            {t("tasks.open_detail")}
          </Text>
          <ProtocolSelect projectId={projectId} required value={protocol} onChange={setProtocol} />
          <NumberInput
            label={t("protocol.required_answers")}
            description={t("tasks.required_hint")}
            min={1}
            max={100}
            value={required}
            onChange={setRequired}
          />
          <NumberInput
            label={t("tasks.priority")}
            description={t("tasks.priority_hint")}
            value={priority}
            onChange={setPriority}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={opening.isPending} disabled={protocol === undefined}>
              {t("tasks.open")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
