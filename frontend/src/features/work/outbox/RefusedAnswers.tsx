import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { problemText } from "@/shared/components/Problem";
import { keepDraft } from "../claimMemory";
import { KeptText } from "./KeptText";
import { asProblemAgain, type Outgoing } from "./outgoing";
import { outbox, useOutbox } from "./theOutbox";
import { wordsOf } from "./wordsOf";

/** Answers that came back after the screen had moved on. They stay in sight, whatever page is in front, until looked after. */
export function RefusedAnswers() {
  const { refused } = useOutbox();
  return refused.map((outgoing) => <RefusedAnswer key={outgoing.claim} outgoing={outgoing} />);
}

function RefusedAnswer({ outgoing }: { outgoing: Outgoing }) {
  const { t } = useTranslation();
  const { claim, protocol, about, answer, refusal } = outgoing;
  if (!refusal) return null;
  const text = wordsOf(answer.payload);
  const fields = Object.entries(refusal.fields).filter(([, message]) => !refusal.detail.includes(message));
  // Whose claim has ended can only take the words along.
  const mayBeMended = refusal.status === 400;
  const openAgain = () => {
    keepDraft(claim, answer.payload as never, answer.seconds);
    outbox.drop(claim);
    // A page load: the desk begins with what is kept.
    location.assign(`/work/${claim}`);
  };
  return (
    <Alert
      role="alert"
      color="red"
      radius={0}
      icon={<IconAlertTriangle size={18} />}
      title={t("outbox.refused_answer", { protocol: protocol.name })}
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm" c="dimmed" lineClamp={1}>
          {about}
        </Text>
        <Text size="sm">{problemText(asProblemAgain(refusal), t)}</Text>
        {fields.map(([field, message]) => (
          <Text key={field} size="sm">
            {field ? `${field}: ${message}` : message}
          </Text>
        ))}
        <KeptText text={text} />
        <Group gap="xs">
          {mayBeMended && (
            <Button size="xs" onClick={openAgain}>
              {t("outbox.open_again")}
            </Button>
          )}
          <ConfirmButton
            label={t("outbox.discard")}
            question={t("outbox.discard_question")}
            detail={t("outbox.discard_detail")}
            onConfirm={() => outbox.drop(claim)}
          />
        </Group>
      </Stack>
    </Alert>
  );
}
