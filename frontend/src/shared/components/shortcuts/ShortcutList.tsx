import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useChosenKeys } from "@/shared/hooks/chosenKeys";
import { useShortcuts, type Shortcut } from "@/shared/hooks/shortcutSheet";
import { ProblemNotice } from "../Problem";
import { ShortcutRow } from "./ShortcutRow";
import classes from "./ShortcutList.module.css";
import { useChooseKeys } from "./useChooseKeys";

/** Every command of the page in front with its keys, which may be others for everyone. */
export function ShortcutList() {
  const { t } = useTranslation();
  const shortcuts = useShortcuts();
  const chosen = useChosenKeys();
  const choice = useChooseKeys();
  const [changing, setChanging] = useState<string | null>(null);
  return (
    <Stack>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {t("shortcuts.lead")}
        </Text>
        {Object.keys(chosen).length > 0 && (
          <Button size="xs" variant="subtle" onClick={choice.resetAll}>
            {t("shortcuts.reset_all")}
          </Button>
        )}
      </Group>
      <ProblemNotice error={choice.error} onRetry={choice.retry} />
      <div className={classes.groups}>
        {Object.entries(useGroups(shortcuts)).map(([group, rows]) => (
          <Stack key={group} gap={6} className={classes.group}>
            <Title order={3}>{t(`command_group.${group as Shortcut["group"]}`)}</Title>
            {rows.map((shortcut) => (
              <ShortcutRow
                key={shortcut.name}
                shortcut={shortcut}
                shown={shortcuts}
                choice={choice}
                isChanging={changing === shortcut.name}
                setChanging={(isChanging) => setChanging(isChanging ? shortcut.name : null)}
              />
            ))}
          </Stack>
        ))}
      </div>
    </Stack>
  );
}

function useGroups(shortcuts: readonly Shortcut[]): Record<string, Shortcut[]> {
  return useMemo(() => {
    const groups: Record<string, Shortcut[]> = {};
    for (const shortcut of shortcuts) (groups[shortcut.group] ??= []).push(shortcut);
    return groups;
  }, [shortcuts]);
}
