import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Message } from "@/shared/api/types";
import classes from "./Conversation.module.css";
import { Markdown } from "./Markdown";

interface Props {
  messages: readonly Message[];
  /** Where there are several conversations on a page. */
  label?: string;
}

/** A prompt: the conversation so far, each turn labelled by who speaks. */
export function Conversation({ messages, label }: Props) {
  const { t } = useTranslation();
  return (
    <Stack gap="md" role="group" aria-label={label ?? t("conversation.label")}>
      {messages.map((message, index) => (
        <article key={index} className={classes.turn} data-role={message.role}>
          <div className={classes.speaker}>{t(`conversation.${message.role}`)}</div>
          <Markdown text={message.content} keepLines />
        </article>
      ))}
    </Stack>
  );
}
