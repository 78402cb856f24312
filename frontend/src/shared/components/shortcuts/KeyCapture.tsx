import { Button, Group, Paper, Text } from "@mantine/core";
import { useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { keysOf } from "@/shared/hooks/chosenKeys";
import { keyOf, keyParts, type Key } from "@/shared/hooks/keys";
import { asKeyFor, obstacleTo, othersWith } from "@/shared/hooks/remap";
import type { Shortcut } from "@/shared/hooks/shortcutSheet";
import classes from "./ShortcutList.module.css";

interface Props {
  shortcut: Shortcut;
  shown: readonly Shortcut[];
  onChoose: (key: Key | null, takenFrom: readonly Shortcut[]) => void;
  onCancel: () => void;
}

/** Waits for the key that a command shall have. A key that another command has is named, and taken only when asked to. */
export function KeyCapture({ shortcut, shown, onChoose, onCancel }: Props) {
  const { t } = useTranslation();
  const [pressed, setPressed] = useState<Key | null>(null);
  const obstacle = pressed && obstacleTo(shortcut, pressed);
  const rivals = pressed ? othersWith(pressed, shortcut, shown) : [];
  const press = (event: KeyboardEvent) => {
    if (event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") onCancel();
    const raw = keyOf(event.nativeEvent);
    if (!raw || event.key === "Escape") return;
    const key = asKeyFor(shortcut, raw);
    if (obstacleTo(shortcut, key) || othersWith(key, shortcut, shown).length > 0) setPressed(key);
    else onChoose(key, []);
  };
  const names = {
    key: pressed ? keyParts(pressed).join(" + ") : "",
    others: rivals.map(({ name }) => t(`command.${name}`)).join(", "),
  };
  return (
    <Paper withBorder p="xs" mt={4} radius="md">
      <Group gap="xs">
        <button
          type="button"
          autoFocus
          className={classes.capture}
          onKeyDown={press}
          data-mantine-stop-propagation="true"
        >
          {t("shortcuts.press")}
        </button>
        {rivals.length > 0 && !obstacle && (
          <Button
            size="xs"
            onClick={() =>
              onChoose(
                pressed,
                rivals.map((rival) => ({ ...rival, keys: keysOf(rival) })),
              )
            }
          >
            {t("shortcuts.take")}
          </Button>
        )}
        <Button size="xs" variant="subtle" color="gray" onClick={() => onChoose(null, [])}>
          {t("shortcuts.no_key")}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={onCancel}>
          {t("action.cancel")}
        </Button>
      </Group>
      {pressed && (
        <Text size="xs" c="var(--bennet-error)" mt={4} role="alert">
          {obstacle ? t(`shortcuts.obstacle.${obstacle}`, names) : t("shortcuts.taken", names)}
        </Text>
      )}
    </Paper>
  );
}
