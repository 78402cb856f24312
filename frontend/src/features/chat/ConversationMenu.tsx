import { Button, Group, Modal, Stack, TextInput, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { ProblemNotice } from "@/shared/components/Problem";
import type { ChatConversation } from "@/shared/api/types";
import { conversationOptions, deleteConversation, exportAddress, renameConversation } from "./api";

interface Props {
  projectId: number;
  conversation: ChatConversation;
  onDeleted: () => void;
}

/** A conversation's name, and what can be done with the whole of it. */
export function ConversationMenu({ projectId, conversation, onDeleted }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [isNaming, naming] = useDisclosure();
  const [title, setTitle] = useState("");
  const own = conversationOptions(projectId, conversation.id).queryKey;
  const refresh = () => queries.invalidateQueries({ queryKey: ["project", projectId, "conversations"] });
  const renaming = useMutation({
    mutationFn: () => renameConversation(projectId, conversation.id, title),
    onSuccess: (found) => {
      queries.setQueryData(own, found);
      naming.close();
      return refresh();
    },
  });
  const deleting = useMutation({
    mutationFn: () => deleteConversation(projectId, conversation.id),
    onSuccess: () => {
      queries.removeQueries({ queryKey: own });
      void refresh();
      onDeleted();
    },
  });
  const open = () => {
    setTitle(conversation.title);
    naming.open();
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    renaming.mutate();
  };
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <Title order={2} style={{ overflowWrap: "anywhere" }}>
          {conversation.title || t("chat.untitled")}
        </Title>
        <Group gap={4}>
          <Button size="xs" variant="subtle" color="gray" onClick={open}>
            {t("chat.rename")}
          </Button>
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            component="a"
            href={exportAddress(projectId, conversation.id)}
            download
          >
            {t("chat.export")}
          </Button>
          <ConfirmButton
            label={t("chat.delete")}
            question={t("chat.delete_question")}
            detail={t("chat.delete_detail")}
            loading={deleting.isPending}
            onConfirm={() => deleting.mutate()}
          />
        </Group>
      </Group>
      <ProblemNotice error={deleting.error} />
      <Modal opened={isNaming} onClose={naming.close} title={t("chat.rename")}>
        <form onSubmit={submit}>
          <Stack>
            <ProblemNotice error={renaming.error} />
            <TextInput
              label={t("chat.title_label")}
              required
              maxLength={120}
              data-autofocus
              value={title}
              onChange={(event) => setTitle(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button type="submit" loading={renaming.isPending}>
                {t("action.save")}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </Stack>
  );
}
