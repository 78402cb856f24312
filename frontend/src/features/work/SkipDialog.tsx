import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { Keys } from "@/shared/components/Keys";
import { isTyping } from "@/shared/hooks/keys";
import type { SkipReason } from "@/shared/api/types";

const REASONS: readonly SkipReason[] = [
  "unclear",
  "not_my_expertise",
  "harmful",
  "wrong_language",
  "broken",
  "other",
  "too_much",
];

interface Props {
  opened: boolean;
  onClose: () => void;
  onSkip: (why: { reason: SkipReason; note: string }) => void;
}

export function SkipDialog({ opened, onClose, onSkip }: Props) {
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const choose = (reason: SkipReason) => {
    onClose();
    onSkip({ reason, note });
  };
  const chooseByDigit = (event: KeyboardEvent) => {
    const reason = REASONS[Number(event.key) - 1];
    if (!reason || isTyping(event.target)) return;
    event.preventDefault();
    choose(reason);
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t("skip.title")} onKeyDown={chooseByDigit}>
      <Stack gap="xs">
        <Text c="dimmed" size="sm">
          {t("skip.lead")}
        </Text>
        {REASONS.map((reason, index) => (
          <Button
            key={reason}
            data-autofocus={index === 0 || undefined}
            variant="default"
            justify="space-between"
            rightSection={<Keys combination={String(index + 1)} />}
            onClick={() => choose(reason)}
          >
            {t(`skip.reason.${reason}`)}
          </Button>
        ))}
        <TextInput
          mt="xs"
          label={t("skip.note")}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="subtle" color="gray" onClick={onClose}>
            {t("action.cancel")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
