import { Paper, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useOutbox } from "./theOutbox";

/** Answers handed in while the server could not be reached, by the words they answer. */
export function QueuedAnswers() {
  const { t } = useTranslation();
  const { waiting, isLineDown, isSignedOut, isUnkept } = useOutbox();
  if (waiting.length === 0 || !(isLineDown || isSignedOut)) return null;
  return (
    <Stack gap="sm" component="section">
      <div>
        <Title order={2}>{t("outbox.list")}</Title>
        <Text size="sm" c={isUnkept ? "var(--bennet-error)" : "dimmed"}>
          {t(isUnkept ? "outbox.list_unkept" : "outbox.waiting.detail")}
        </Text>
      </div>
      {waiting.map(({ claim, about, protocol }) => (
        <Paper key={claim} withBorder radius="lg" p="md">
          <Text fw={600} truncate>
            {about}
          </Text>
          <Text size="sm" c="dimmed">
            {protocol.name}
          </Text>
        </Paper>
      ))}
    </Stack>
  );
}
