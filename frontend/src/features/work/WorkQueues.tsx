import { Button, Group, Paper, SimpleGrid, Stack, Text, ThemeIcon } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconListNumbers, IconPencil } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Claim, Queue } from "@/shared/api/types";
import { AgreeButton } from "./agreeing/AgreeButton";
import { claimNext, claimOptions, workOptions } from "./api";
import { GuidelineDrawer } from "./guideline/GuidelineDrawer";
import { GuidelineNotice } from "./guideline/GuidelineNotice";
import { useNews } from "./guideline/news";

interface Props {
  queues: readonly Queue[];
  /** Whether each queue that is empty says why. */
  saysWhy: boolean;
  onClaim: (claim: Claim) => void;
}

export function WorkQueues({ queues, saysWhy, onClaim }: Props) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      {queues.map((queue) => (
        <QueueCard key={queue.protocol.id} queue={queue} saysWhy={saysWhy} onClaim={onClaim} />
      ))}
    </SimpleGrid>
  );
}

function QueueCard({ queue, saysWhy, onClaim }: Omit<Props, "queues"> & { queue: Queue }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const claiming = useMutation({
    mutationFn: () => claimNext(queue.protocol.id),
    onSuccess: (claim) => {
      if (!claim) return queries.invalidateQueries({ queryKey: workOptions.queryKey });
      queries.setQueryData(claimOptions(claim.id).queryKey, claim);
      onClaim(claim);
    },
  });
  const news = useNews(queue.protocol.id);
  const [isReading, guideline] = useDisclosure();
  const Symbol = queue.protocol.kind === "ranking" ? IconListNumbers : IconPencil;
  const isEmpty = !queue.available || claiming.data === null;
  const why = isEmpty && saysWhy ? (queue.no_work ?? "empty") : null;
  return (
    <Paper withBorder radius="lg" p="lg" bg="var(--bennet-raised)">
      <Stack gap="md" h="100%" justify="space-between">
        <Group wrap="nowrap" align="flex-start">
          <ThemeIcon size={42} radius="md" variant="light" aria-hidden>
            <Symbol size={22} stroke={1.6} />
          </ThemeIcon>
          <div>
            <Text fw={600}>{queue.protocol.name}</Text>
            <Text size="sm" c="dimmed">
              {queue.project.name} · {t(`protocol_kind.${queue.protocol.kind}`)}
            </Text>
          </div>
        </Group>
        {news && (queue.available || news.read_number !== null) && (
          <GuidelineNotice news={news} onOpen={guideline.open} />
        )}
        {why && (
          <Text size="sm" c="dimmed">
            <b>{t(`no_work.${why}.title`)}.</b> {t(`no_work.${why}.detail`)}
          </Text>
        )}
        {queue.protocol.kind === "moderation_label" && (
          <div>
            <AgreeButton toAgree={queue.to_agree} />
          </div>
        )}
        <ProblemNotice error={claiming.error} onRetry={() => claiming.mutate()} />
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {t("work.done_count", {
              today: format.integer(queue.answered_today),
              all: format.integer(queue.answered_by_me),
            })}
          </Text>
          <Button onClick={() => claiming.mutate()} loading={claiming.isPending} disabled={isEmpty}>
            {t(isEmpty ? "work.nothing_waits" : "work.start")}
          </Button>
        </Group>
      </Stack>
      <GuidelineDrawer protocol={queue.protocol.id} opened={isReading} onClose={guideline.close} />
    </Paper>
  );
}
