import { Button, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useCommands, type Command } from "@/shared/hooks/commands";
import { useShortcuts, type Shortcut } from "@/shared/hooks/shortcutSheet";
import { Keys } from "./Keys";
import classes from "./ShortcutSheet.module.css";

const general: readonly Command<() => void>[] = [
  { name: "show_shortcuts", group: "general", keys: ["?"], run: (open) => open() },
];

/** The `?` sheet and its button: every command of the page in front, from the same tables that run them. */
export function ShortcutHint() {
  const { t } = useTranslation();
  const [opened, sheet] = useDisclosure();
  useCommands(general, sheet.open);
  return (
    <>
      <Button variant="subtle" color="gray" rightSection={<Keys combination="?" />} onClick={sheet.open}>
        {t("shortcuts.show")}
      </Button>
      <ShortcutSheet opened={opened} onClose={sheet.close} />
    </>
  );
}

function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const groups = Object.entries(useGroups());
  return (
    <Modal opened={opened} onClose={onClose} title={t("shortcuts.title")} size="xl">
      <div className={classes.groups}>
        {groups.map(([group, shortcuts]) => (
          <Stack key={group} gap={6} className={classes.group}>
            <Title order={3}>{t(`command_group.${group as Shortcut["group"]}`)}</Title>
            {shortcuts.map((shortcut) => (
              <Group key={shortcut.name} justify="space-between" wrap="nowrap" gap="md">
                <Text size="sm">{t(`command.${shortcut.name}`)}</Text>
                <Group gap={8} wrap="nowrap">
                  {shortcut.keys.map((key) => (
                    <Keys key={key} combination={key} />
                  ))}
                </Group>
              </Group>
            ))}
          </Stack>
        ))}
      </div>
    </Modal>
  );
}

function useGroups(): Record<string, Shortcut[]> {
  const shortcuts = useShortcuts();
  return useMemo(() => {
    const groups: Record<string, Shortcut[]> = {};
    for (const shortcut of shortcuts) (groups[shortcut.group] ??= []).push(shortcut);
    return groups;
  }, [shortcuts]);
}
