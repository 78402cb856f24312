import { Button, Group, Modal, Stack, Textarea } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  opened: boolean;
  onClose: () => void;
  onReturn: (reason: string) => void;
}

/** An answer goes back with what its author is to change: without a reason there is nothing to do. */
export function ReturnDialog({ opened, onClose, onReturn }: Props) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    onReturn(reason.trim());
    setReason("");
    onClose();
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t("review.return_title")}>
      <form onSubmit={send}>
        <Stack>
          <Textarea
            label={t("review.reason")}
            description={t("review.return_hint")}
            required
            autosize
            minRows={3}
            maxLength={2000}
            data-autofocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && reason.trim()) send(event);
            }}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("action.go_back")}
            </Button>
            <Button type="submit" disabled={!reason.trim()}>
              {t("command.return")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
