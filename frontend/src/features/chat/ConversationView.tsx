import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/shared/components/Loaded";
import { ProblemNotice } from "@/shared/components/Problem";
import { useCommands } from "@/shared/hooks/commands";
import type { ChatConversation, ChatTurn } from "@/shared/api/types";
import { conversationOptions } from "./api";
import classes from "./Chat.module.css";
import { chatCommands } from "./chatCommands";
import { Composer } from "./Composer";
import { ConsentChoice } from "./ConsentChoice";
import { ConversationMenu } from "./ConversationMenu";
import { LiveTurns } from "./LiveTurns";
import { Partner } from "./Partner";
import { isUndecided, parentKey, pathIn, pathUpTo, siblingsOf, type Chosen } from "./tree";
import { TurnRow } from "./TurnRow";
import { TwoAnswers } from "./TwoAnswers";
import { useAnswering } from "./useAnswering";

interface Props {
  projectId: number;
  conversationId: number;
  isOff: boolean;
  onDeleted: () => void;
}

export function ConversationView({ projectId, conversationId, ...rest }: Props) {
  const query = useQuery(conversationOptions(projectId, conversationId));
  return (
    <Loaded query={query}>
      {(conversation) => <Talk key={conversationId} projectId={projectId} conversation={conversation} {...rest} />}
    </Loaded>
  );
}

/** What was said, what is being answered, and where one writes. */
function Talk({
  projectId,
  conversation,
  isOff,
  onDeleted,
}: Omit<Props, "conversationId"> & { conversation: ChatConversation }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<Chosen>({});
  const answering = useAnswering(projectId, conversation.id);
  const { live } = answering;
  const { turns } = conversation;
  const whole = pathIn(turns, chosen);
  const path = live ? pathUpTo(whole, live.above) : whole;
  const last = whole.at(-1);
  const waiting = last?.choice && isUndecided(last.choice) ? { ...last, choice: last.choice } : null;
  // Nothing can be said before one of two is chosen, and what one chooses by wants the room; words begun stay.
  const isChoosing = live === null && waiting?.choice.state === "open";
  const isBusy = live !== null || isOff || waiting !== null;
  const forget = (key: number) =>
    setChosen((now) => Object.fromEntries(Object.entries(now).filter(([at]) => Number(at) !== key)));
  const edit = (turn: ChatTurn, text: string) => {
    forget(parentKey(turn));
    return answering.say(text, turn.parent);
  };
  const tryAgain = (turn: ChatTurn) => {
    if (turn.parent === null) return;
    forget(turn.parent);
    void answering.tryAgain(turn.id, turn.parent);
  };
  const stop = () => void answering.stop();
  useCommands(chatCommands.all, {
    isAnswering: live !== null,
    mayTryAgain: !isBusy && last?.role === "assistant",
    stop,
    tryAgain: () => last && tryAgain(last),
  });
  // Only an answer is replied to; what was refused or failed is said anew in its place.
  const isAnswerable =
    last === undefined || (last.role === "assistant" && last.text !== "" && last.state !== "refused");
  const reply = (text: string) =>
    isAnswerable && last?.state !== "failed"
      ? answering.say(text, last?.id ?? null)
      : answering.say(text, parentOfSaid(whole));
  return (
    <Stack gap="lg">
      <ConversationMenu projectId={projectId} conversation={conversation} onDeleted={onDeleted} />
      <Partner name={conversation.model.name} />
      <Stack gap="lg" role="log" aria-label={t("chat.log")}>
        {path.map((turn) => (
          <TurnRow
            key={turn.id}
            projectId={projectId}
            conversation={conversation}
            turn={turn}
            siblings={siblingsOf(turns, turn)}
            choice={turns.find(({ id }) => id === turn.parent)?.choice ?? null}
            isBusy={isBusy}
            onChoose={(other) => setChosen((now) => ({ ...now, [parentKey(other)]: other.id }))}
            onEdit={edit}
            onTryAgain={tryAgain}
          />
        ))}
        {live && <LiveTurns live={live} name={conversation.model.name} />}
        {!live && waiting?.choice.state === "writing" && (
          <Text size="sm" c="dimmed">
            {t("chat.two.writing")}
          </Text>
        )}
        {isChoosing && <TwoAnswers key={waiting.id} projectId={projectId} conversation={conversation} said={waiting} />}
      </Stack>
      <ProblemNotice error={answering.error} />
      <div className={classes.composer} hidden={isChoosing}>
        <Composer
          label={t("chat.write", { name: conversation.model.name })}
          isBusy={live !== null}
          isOff={isOff}
          onSend={reply}
          onStop={stop}
        />
      </div>
      <ConsentChoice projectId={projectId} conversation={conversation} />
    </Stack>
  );
}

/** Under which turn the last words of the person stand. */
function parentOfSaid(path: readonly ChatTurn[]): number | null {
  return path.findLast((turn) => turn.role === "user")?.parent ?? null;
}
