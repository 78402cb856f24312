import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Claim } from "@/shared/api/types";
import { returnedOptions } from "../api";
import { Feedback } from "./Feedback";
import { ReopenButton } from "./ReopenButton";

/** Answers that a reviewer sent back, each with the reason and the way to it. Nothing where there are none. */
export function ReturnedAnswers({ onClaim }: { onClaim: (claim: Claim) => void }) {
  const { t } = useTranslation();
  const answers = useInfiniteQuery(returnedOptions).data ?? [];
  if (answers.length === 0) return null;
  return (
    <Stack gap="sm" component="section">
      <Title order={2}>{t("work.returned_title")}</Title>
      {answers.map((answer) => (
        <Paper key={answer.id} withBorder radius="lg" p="md" bg="var(--bennet-raised)">
          <Group justify="space-between">
            <div style={{ minWidth: 0, flex: "1 1 260px" }}>
              <Text fw={600} truncate dir="auto">
                {answer.messages.at(-1)?.content ?? answer.protocol.name}
              </Text>
              <Text size="sm" c="dimmed">
                {answer.protocol.name}
              </Text>
              <Feedback answer={answer} />
            </div>
            <ReopenButton answer={answer} onClaim={onClaim} variant="filled" size="sm" />
          </Group>
        </Paper>
      ))}
    </Stack>
  );
}
