import { Button, Select, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { LinkButton } from "@/shared/components/Links";
import { ProblemNotice } from "@/shared/components/Problem";
import type { ChatSetup } from "@/shared/api/types";
import { conversationOptions, conversationsOptions, startConversation } from "./api";

interface Props {
  projectId: number;
  current?: number;
  setup: ChatSetup;
  onStarted: (id: number) => void;
}

/** One's own conversations, the newest first, and the way to begin another. */
export function ConversationList({ projectId, current, setup, onStarted }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const list = conversationsOptions(projectId);
  const query = useInfiniteQuery(list);
  const [model, setModel] = useState<string | null>(null);
  const chosen = Number(model ?? setup.models[0]?.id);
  const starting = useMutation({
    mutationFn: () => startConversation(projectId, chosen),
    onSuccess: (made) => {
      queries.setQueryData(conversationOptions(projectId, made.id).queryKey, made);
      void queries.invalidateQueries({ queryKey: list.queryKey });
      onStarted(made.id);
    },
  });
  return (
    <Stack component="nav" gap="xs" aria-label={t("chat.conversations")}>
      {setup.models.length > 1 && (
        <Select
          label={t("chat.model")}
          data={setup.models.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={String(chosen)}
          onChange={setModel}
          allowDeselect={false}
        />
      )}
      <Button onClick={() => starting.mutate()} loading={starting.isPending} disabled={setup.missing.length > 0}>
        {t("chat.start")}
      </Button>
      <ProblemNotice error={starting.error ?? query.error} />
      {query.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("chat.none")}
        </Text>
      )}
      {query.data?.map((row) => (
        <LinkButton
          key={row.id}
          to="/projects/$projectId/chat/$conversationId"
          params={{ projectId, conversationId: row.id }}
          variant={row.id === current ? "light" : "subtle"}
          justify="flex-start"
          fullWidth
          title={row.model.name}
          {...(row.id === current ? { "aria-current": "page" } : {})}
        >
          {row.title || t("chat.untitled")}
        </LinkButton>
      ))}
      {query.hasNextPage && (
        <Button variant="subtle" size="xs" onClick={() => void query.fetchNextPage()}>
          {t("action.load_more")}
        </Button>
      )}
    </Stack>
  );
}
