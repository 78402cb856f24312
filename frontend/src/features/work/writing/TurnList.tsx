import { Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CommandButton } from "@/shared/components/CommandButton";
import { useCommands } from "@/shared/hooks/commands";
import { Advice } from "../advice/Advice";
import { Editor } from "./Editor";
import { RemoveButton } from "./RemoveButton";
import classes from "./TurnList.module.css";
import { messagesOf, withExchange, withoutExchange, withText, type Texts } from "./turns";
import { partCommands, type PartsContext } from "./writingCommands";

interface Props {
  claimId: string;
  texts: Texts;
  maximumTurns: number;
  onChange: (texts: Texts) => void;
  onPaste: (characters: number) => void;
}

/** A conversation as it is written: both sides of it, turn by turn, ending with an answer. */
export function TurnList({ claimId, texts, maximumTurns, onChange, onPaste }: Props) {
  const { t } = useTranslation();
  const context: PartsContext = {
    canAdd: texts.length + 1 <= maximumTurns,
    add: () => onChange(withExchange(texts)),
  };
  useCommands(partCommands.turns, context);
  return (
    <div className={classes.turns}>
      {messagesOf(texts).map(({ role, content }, index) => {
        const label = t(`writing.turn.${role}`, { number: index + 1 });
        return (
          <div key={index} className={classes.turn} data-role={role}>
            <Text size="sm" fw={600} c="dimmed">
              {label}
            </Text>
            <Editor
              id={`turn-${index}`}
              label={label}
              value={content}
              onChange={(text) => onChange(withText(texts, index, text))}
              onPaste={onPaste}
              placeholder={t(`writing.turn_placeholder.${role}`)}
              // The first when the page opens, and whichever comes when one is added.
              autoFocus={index === Math.max(0, texts.length - 2) && (texts.length === 1 || content === "")}
            />
            {role === "assistant" && <Advice claimId={claimId} text={content} fieldId={`turn-${index}`} />}
          </div>
        );
      })}
      <Group gap="sm">
        <CommandButton size="sm" command={partCommands.addTurn} context={context} />
        {texts.length > 2 && (
          <RemoveButton
            label={t("writing.remove_turn")}
            isEmpty={texts.slice(-2).every((text) => text.trim() === "")}
            onRemove={() => onChange(withoutExchange(texts))}
          />
        )}
      </Group>
    </div>
  );
}
