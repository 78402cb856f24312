import { Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { JobButton } from "@/shared/components/JobButton";
import { JobProgress } from "@/shared/components/JobProgress";
import { ProblemNotice } from "@/shared/components/Problem";
import { StateBadge } from "@/shared/components/StateBadge";
import { useFormat } from "@/shared/i18n/useFormat";
import type { CompletionBatch } from "@/shared/api/types";
import { batchesOptions, cancelBatch, retryBatch } from "./api";

/** One order of completions: how far it is, and the way to stop it or run it again. */
export function Batch({ projectId, batch }: { projectId: number; batch: CompletionBatch }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const changing = useMutation({
    mutationFn: (change: typeof cancelBatch) => change(projectId, batch.id),
    onSettled: () => queries.invalidateQueries({ queryKey: batchesOptions(projectId).queryKey }),
  });
  const count = (name: keyof CompletionBatch["counts"]) => format.integer(batch.counts[name]);
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Text size="sm">
          {t("models.batch", { id: batch.id, n: batch.n })} · {format.ago(batch.created_at)}
        </Text>
        <Group gap="sm">
          <StateBadge state={batch.state} />
          <JobButton
            size="xs"
            state={batch.state}
            onCancel={() => changing.mutate(cancelBatch)}
            onRetry={() => changing.mutate(retryBatch)}
            loading={changing.isPending}
          />
        </Group>
      </Group>
      <JobProgress
        state={batch.state}
        done={batch.progress_done}
        total={batch.progress_total}
        detail={t("models.batch_counts", {
          completions: count("completions"),
          tasks: count("tasks"),
          duplicates: count("duplicates"),
          empty: count("empty"),
        })}
      />
      {batch.error && (
        <Text c="red" size="sm" role="alert">
          {batch.error}
        </Text>
      )}
      <ProblemNotice error={changing.error} />
    </Stack>
  );
}
