import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import type { Protocol } from "@/shared/api/types";
import { duplicateProtocol } from "./api";

interface Props {
  projectId: number;
  protocol: Protocol;
  onCopied: (protocol: Protocol) => void;
}

/** A protocol with the same rules and guideline, and none of the tasks. */
export function DuplicateButton({ projectId, protocol, onCopied }: Props) {
  const { t } = useTranslation();
  const [opened, dialog] = useDisclosure();
  const [name, setName] = useState(() => t("protocol.copy_of", { name: protocol.name }));
  const copying = useMutation({
    mutationFn: () => duplicateProtocol(projectId, protocol.id, name),
    onSuccess: (copy) => {
      dialog.close();
      onCopied(copy);
    },
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    copying.mutate();
  };
  return (
    <>
      <Button variant="default" onClick={dialog.open}>
        {t("protocol.duplicate")}
      </Button>
      <Modal opened={opened} onClose={dialog.close} title={t("protocol.duplicate_title", { name: protocol.name })}>
        <form onSubmit={send}>
          <Stack>
            <ProblemNotice error={copying.error} />
            <TextInput
              label={t("projects.name")}
              description={t("protocol.duplicate_detail")}
              required
              data-autofocus
              maxLength={120}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button type="submit" loading={copying.isPending}>
                {t("protocol.duplicate")}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
