import { Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { ModelComparison } from "@/shared/api/types";
import { JobButton } from "@/shared/components/JobButton";
import { JobProgress } from "@/shared/components/JobProgress";
import { ProblemNotice } from "@/shared/components/Problem";
import { StateBadge } from "@/shared/components/StateBadge";
import { useFormat } from "@/shared/i18n/useFormat";
import { cancelComparison, comparisonsOptions, retryComparison, winRateOptions } from "./compare";

/** One order of pairs: how far the two models have written, and the way to stop it or run it again. */
export function ComparisonRow({ projectId, comparison }: { projectId: number; comparison: ModelComparison }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const changing = useMutation({
    mutationFn: (change: typeof cancelComparison) => change(projectId, comparison.id),
    onSettled: async () => {
      const of = [projectId, comparison.model.id] as const;
      await queries.invalidateQueries({ queryKey: comparisonsOptions(...of).queryKey });
      await queries.invalidateQueries({ queryKey: winRateOptions(...of).queryKey });
    },
  });
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Text size="sm">
          {t("compare.one", {
            prompts: format.integer(comparison.prompts),
            judges: format.integer(comparison.judges),
            protocol: comparison.protocol.name,
          })}{" "}
          · {format.ago(comparison.created_at)}
        </Text>
        <Group gap="sm">
          <StateBadge state={comparison.state} />
          <JobButton
            size="xs"
            state={comparison.state}
            onCancel={() => changing.mutate(cancelComparison)}
            onRetry={() => changing.mutate(retryComparison)}
            loading={changing.isPending}
          />
        </Group>
      </Group>
      <JobProgress
        state={comparison.state}
        done={comparison.progress_done}
        total={comparison.progress_total}
        detail={t("compare.opened", {
          tasks: format.integer(comparison.counts.tasks),
          same: format.integer(comparison.counts.same),
          empty: format.integer(comparison.counts.empty),
        })}
      />
      {comparison.error && (
        <Text c="red" size="sm" role="alert">
          {comparison.error}
        </Text>
      )}
      <ProblemNotice error={changing.error} />
    </Stack>
  );
}
