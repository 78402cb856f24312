import { Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CommandButton } from "@/shared/components/CommandButton";
import { useCommands } from "@/shared/hooks/commands";
import type { PromptConfig } from "@/shared/api/protocolConfig";
import type { Shot } from "@/shared/api/types";
import { Editor } from "./Editor";
import { RemoveButton } from "./RemoveButton";
import { withoutShot, withPart, withShot } from "./shots";
import classes from "./TurnList.module.css";
import { partCommands, type PartsContext } from "./writingCommands";

interface Props {
  config: PromptConfig;
  shots: Shot[];
  onChange: (shots: Shot[]) => void;
  onPaste: (characters: number) => void;
}

/** The examples of a few-shot prompt: queries, each with the completion that it should get. */
export function ShotList({ config, shots, onChange, onPaste }: Props) {
  const { t } = useTranslation();
  const context: PartsContext = {
    canAdd: shots.length < config.maximum_shots,
    add: () => onChange(withShot(shots)),
  };
  useCommands(partCommands.shots, context);
  return (
    <Stack gap="lg">
      {shots.map((shot, index) => (
        <div key={index} role="group" aria-label={t("prompting.shot", { number: index + 1 })} className={classes.turns}>
          <Group justify="space-between" mih={30}>
            <Text size="sm" fw={600}>
              {t("prompting.shot", { number: index + 1 })}
            </Text>
            {shots.length > config.minimum_shots && (
              <RemoveButton
                label={t("prompting.remove_shot")}
                isEmpty={`${shot.query}${shot.completion}`.trim() === ""}
                onRemove={() => onChange(withoutShot(shots, index))}
              />
            )}
          </Group>
          {(["query", "completion"] as const).map((part) => (
            <div key={part} className={classes.turn} data-role={part === "completion" ? "user" : undefined}>
              <Text size="sm" c="dimmed">
                {t(`prompting.${part}`)}
              </Text>
              <Editor
                label={t(`prompting.${part}_of`, { number: index + 1 })}
                value={shot[part]}
                onChange={(text) => onChange(withPart(shots, index, { [part]: text }))}
                onPaste={onPaste}
                rows={2}
              />
            </div>
          ))}
        </div>
      ))}
      <Group>
        <CommandButton size="sm" command={partCommands.addShot} context={context} />
      </Group>
    </Stack>
  );
}
