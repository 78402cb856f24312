import { Alert, Button, Group, List, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCategoryName } from "@/shared/components/answers/useCategoryName";
import type { ChatRefusal } from "@/shared/api/types";

interface Props {
  refusal: ChatRefusal;
  onAppeal: (reason: string) => void;
  isPending: boolean;
}

/** What the filter found, on which side, and the way to say that it was wrong. */
export function Refusal({ refusal, onAppeal, isPending }: Props) {
  const { t } = useTranslation();
  const nameOf = useCategoryName();
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  return (
    <Alert color="orange" variant="light" title={t(`chat.refused.${refusal.side}`)}>
      <Stack gap="xs">
        <List size="sm" aria-label={t("chat.refused.found")}>
          {refusal.categories.map((name) => (
            <List.Item key={name}>{nameOf(name)}</List.Item>
          ))}
        </List>
        {refusal.appeal ? (
          <Text size="sm" role="status">
            {t(`chat.appeal.${refusal.appeal.state}`)} {refusal.appeal.note}
          </Text>
        ) : isOpen ? (
          <>
            <Textarea
              label={t("chat.appeal.reason")}
              description={t("chat.appeal.detail")}
              maxLength={2000}
              autosize
              minRows={2}
              data-autofocus
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <Group>
              <Button size="xs" loading={isPending} onClick={() => onAppeal(reason)}>
                {t("chat.appeal.send")}
              </Button>
              <Button size="xs" variant="default" onClick={() => setOpen(false)}>
                {t("action.cancel")}
              </Button>
            </Group>
          </>
        ) : (
          <Group>
            <Button size="xs" variant="default" onClick={() => setOpen(true)}>
              {t("chat.appeal.open_form")}
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}
