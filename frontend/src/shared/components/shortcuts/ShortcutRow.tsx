import { ActionIcon, Group, Text } from "@mantine/core";
import { IconPencil, IconRestore } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useChosenKeys, useKeysOf } from "@/shared/hooks/chosenKeys";
import { othersWith } from "@/shared/hooks/remap";
import type { Shortcut } from "@/shared/hooks/shortcutSheet";
import { Keys } from "../Keys";
import { KeyCapture } from "./KeyCapture";
import type { useChooseKeys } from "./useChooseKeys";

interface Props {
  shortcut: Shortcut;
  shown: readonly Shortcut[];
  choice: ReturnType<typeof useChooseKeys>;
  isChanging: boolean;
  setChanging: (isChanging: boolean) => void;
}

export function ShortcutRow({ shortcut, shown, choice, isChanging, setChanging }: Props) {
  const { t } = useTranslation();
  const keys = useKeysOf(shortcut);
  const isChosen = shortcut.name in useChosenKeys();
  const command = t(`command.${shortcut.name}`);
  const rivals = [...new Set(keys.flatMap((key) => othersWith(key, shortcut, shown)))];
  return (
    <div>
      <Group justify="space-between" wrap="nowrap" gap="md">
        <Text size="sm">{command}</Text>
        <Group gap={8} wrap="nowrap">
          {keys.map((key) => (
            <Keys key={key} combination={key} />
          ))}
          {keys.length === 0 && (
            <Text size="sm" c="dimmed">
              {t("shortcuts.none")}
            </Text>
          )}
          {isChosen && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("shortcuts.reset", { command })}
              title={t("shortcuts.reset", { command })}
              onClick={() => choice.reset(shortcut.name)}
            >
              <IconRestore size={16} />
            </ActionIcon>
          )}
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-expanded={isChanging}
            aria-label={t("shortcuts.change", { command })}
            title={t("shortcuts.change", { command })}
            onClick={() => setChanging(!isChanging)}
          >
            <IconPencil size={16} />
          </ActionIcon>
        </Group>
      </Group>
      {rivals.length > 0 && (
        <Text size="xs" c="var(--bennet-error)">
          {t("shortcuts.conflict", { others: rivals.map(({ name }) => t(`command.${name}`)).join(", ") })}
        </Text>
      )}
      {isChanging && (
        <KeyCapture
          shortcut={shortcut}
          shown={shown}
          onCancel={() => setChanging(false)}
          onChoose={(key, others) => {
            choice.change(shortcut.name, key, others);
            setChanging(false);
          }}
        />
      )}
    </div>
  );
}
