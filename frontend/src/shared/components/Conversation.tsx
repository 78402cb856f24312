import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Message } from "@/shared/api/types";
import classes from "./Conversation.module.css";
import { Markdown } from "./Markdown";

/** A prompt: the conversation so far, each turn labelled by who speaks. */
export function Conversation({ messages }: { messages: readonly Message[] }) {
  const { t } = useTranslation();
  return (
    <Stack gap="md" role="log" aria-label={t("conversation.label")}>
      {messages.map((message, index) => (
        <article key={index} className={classes.turn} data-role={message.role}>
          <div className={classes.speaker}>{t(`conversation.${message.role}`)}</div>
          <Markdown text={message.content} keepLines />
        </article>
      ))}
    </Stack>
  );
}
