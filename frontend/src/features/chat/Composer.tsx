import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  /** What stands in it at first: words that are being changed. */
  initial?: string;
  label: string;
  isBusy: boolean;
  isOff?: boolean;
  /** Resolves to whether the words were taken, so that they need not be kept here. */
  onSend: (text: string) => Promise<boolean>;
  onStop?: () => void;
  onCancel?: () => void;
}

/** Where one writes: Enter sends, Shift+Enter begins a new line. */
export function Composer({ initial = "", label, isBusy, isOff = false, onSend, onStop, onCancel }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(initial);
  const send = async () => {
    if (!text.trim() || isBusy || isOff) return;
    setText("");
    if (!(await onSend(text))) setText((typed) => typed || text);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && onCancel) onCancel();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };
  return (
    <Stack gap={6}>
      <Textarea
        aria-label={label}
        placeholder={label}
        autosize
        minRows={2}
        maxRows={12}
        maxLength={20_000}
        disabled={isOff}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {t("chat.keys")}
        </Text>
        <Group gap="xs">
          {onCancel && (
            <Button size="xs" variant="default" onClick={onCancel}>
              {t("action.cancel")}
            </Button>
          )}
          {isBusy && onStop ? (
            <Button size="xs" variant="default" onClick={onStop}>
              {t("chat.stop")}
            </Button>
          ) : (
            <Button size="xs" onClick={() => void send()} disabled={!text.trim() || isBusy || isOff}>
              {t("chat.send")}
            </Button>
          )}
        </Group>
      </Group>
    </Stack>
  );
}
