import { Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { excerptOf } from "@/shared/components/answers/excerpt";
import { Conversation } from "@/shared/components/Conversation";
import type { Message } from "@/shared/api/types";
import { FoldButton } from "./FoldButton";
import classes from "./PromptPanel.module.css";

interface Props {
  messages: readonly Message[];
  isFolded: boolean;
  onToggle: () => void;
}

/** The prompt above the texts. Folded, it leaves them the room and says in one line what it was. */
export function PromptPanel({ messages, isFolded, onToggle }: Props) {
  const { t } = useTranslation();
  return (
    <section className={classes.panel} aria-label={t("writing.prompt")}>
      <Group gap="xs" wrap="nowrap" className={classes.head}>
        <FoldButton isFolded={isFolded} onToggle={onToggle} />
        {isFolded && (
          <Text truncate dir="auto" size="sm">
            {excerptOf(messages.at(-1)?.content ?? "")}
          </Text>
        )}
      </Group>
      {!isFolded && <Conversation messages={messages} />}
    </section>
  );
}
