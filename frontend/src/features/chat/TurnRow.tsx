import { ActionIcon, Button, Group, Stack, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Markdown } from "@/shared/components/Markdown";
import { ProblemNotice } from "@/shared/components/Problem";
import type { ChatChoice, ChatConversation, ChatTurn } from "@/shared/api/types";
import { appealTurn, conversationOptions, giveFeedback, type Thumb } from "./api";
import classes from "./Chat.module.css";
import { Composer } from "./Composer";
import { Refusal } from "./Refusal";
import { Taught } from "./Taught";
import { Thumbs } from "./Thumbs";

interface Props {
  projectId: number;
  conversation: ChatConversation;
  turn: ChatTurn;
  siblings: readonly ChatTurn[];
  /** The choice that it was one of two in, if it was. */
  choice: ChatChoice | null;
  isBusy: boolean;
  onChoose: (turn: ChatTurn) => void;
  onEdit: (turn: ChatTurn, text: string) => Promise<boolean>;
  onTryAgain: (turn: ChatTurn) => void;
}

/** One turn, what stands beside it, and what can be done with it. */
export function TurnRow({
  projectId,
  conversation,
  turn,
  siblings,
  choice,
  isBusy,
  onChoose,
  onEdit,
  onTryAgain,
}: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [isEditing, setEditing] = useState(false);
  const keep = {
    onSuccess: (found: ChatConversation) =>
      queries.setQueryData(conversationOptions(projectId, conversation.id).queryKey, found),
  };
  const appealing = useMutation({
    mutationFn: (reason: string) => appealTurn(projectId, conversation.id, turn.id, reason),
    ...keep,
  });
  const rating = useMutation({
    mutationFn: (thumb: Thumb) => giveFeedback(projectId, conversation.id, turn.id, thumb),
    ...keep,
  });
  const isSaid = turn.role === "user";
  if (isEditing) {
    const edit = async (text: string) => {
      setEditing(false);
      return onEdit(turn, text);
    };
    return (
      <Composer
        initial={turn.text}
        label={t("chat.edit_label")}
        isBusy={isBusy}
        onSend={edit}
        onCancel={() => setEditing(false)}
      />
    );
  }
  return (
    <Stack gap={6} component="article" aria-label={isSaid ? t("conversation.user") : turn.model_name}>
      {turn.text && (
        <div className={isSaid ? classes.said : classes.answer}>
          <Markdown text={turn.text} keepLines />
        </div>
      )}
      {turn.refusal && (
        <Refusal refusal={turn.refusal} isPending={appealing.isPending} onAppeal={(why) => appealing.mutate(why)} />
      )}
      <Note turn={turn} />
      <OneOfTwo turn={turn} choice={choice} />
      <ProblemNotice error={appealing.error ?? rating.error} />
      <Group gap={4} justify={isSaid ? "flex-end" : "flex-start"}>
        <Siblings turn={turn} siblings={siblings} onChoose={onChoose} />
        {isSaid ? (
          <Button size="compact-xs" variant="subtle" color="gray" disabled={isBusy} onClick={() => setEditing(true)}>
            {t("chat.edit")}
          </Button>
        ) : (
          <>
            <Thumbs turn={turn} onGive={(thumb) => rating.mutate(thumb)} />
            <Button size="compact-xs" variant="subtle" color="gray" disabled={isBusy} onClick={() => onTryAgain(turn)}>
              {t("chat.again")}
            </Button>
            {turn.is_ours && <Taught projectId={projectId} conversationId={conversation.id} turnId={turn.id} />}
          </>
        )}
      </Group>
    </Stack>
  );
}

/** Why a turn ends where it does, where that is not its own end. */
function Note({ turn }: { turn: ChatTurn }) {
  const { t } = useTranslation();
  if (turn.state === "stopped")
    return (
      <Text size="sm" c="dimmed">
        {t("chat.stopped")}
      </Text>
    );
  if (turn.state !== "failed") return null;
  const known = (["filter_down", "model_down", "broken_off"] as const).find((name) => name === turn.error);
  return (
    <Text size="sm" c="red" role="alert">
      {t(`chat.failed.${known ?? "broken_off"}`)}
    </Text>
  );
}

/** What was chosen, where this is one of two answers. */
function OneOfTwo({ turn, choice }: Pick<Props, "turn" | "choice">) {
  const { t } = useTranslation();
  if (choice?.state !== "chosen" || (turn.id !== choice.left && turn.id !== choice.right)) return null;
  const isGoingOn = turn.id === choice.continues;
  const byLot = choice.continues_by === "chance";
  if (!isGoingOn && choice.continues_by !== "preferred") return null;
  return (
    <Text size="sm" c="dimmed">
      {t(isGoingOn ? (byLot ? "chat.two.by_lot" : "chat.two.chosen") : "chat.two.rejected")}
    </Text>
  );
}

function Siblings({ turn, siblings, onChoose }: Pick<Props, "turn" | "siblings" | "onChoose">) {
  const { t } = useTranslation();
  if (siblings.length < 2) return null;
  const place = siblings.findIndex(({ id }) => id === turn.id);
  const [older, newer] = [siblings[place - 1], siblings[place + 1]];
  return (
    <Group gap={2} role="group" aria-label={t("chat.siblings")}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t("chat.older")}
        disabled={!older}
        onClick={() => older && onChoose(older)}
      >
        <IconChevronLeft size={16} />
      </ActionIcon>
      <Text size="xs" c="dimmed">
        {t("chat.place", { place: place + 1, all: siblings.length })}
      </Text>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t("chat.newer")}
        disabled={!newer}
        onClick={() => newer && onChoose(newer)}
      >
        <IconChevronRight size={16} />
      </ActionIcon>
    </Group>
  );
}
