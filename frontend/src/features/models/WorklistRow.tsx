import { Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Worklist } from "@/shared/api/types";
import { JobButton } from "@/shared/components/JobButton";
import { JobProgress } from "@/shared/components/JobProgress";
import { ProblemNotice } from "@/shared/components/Problem";
import { StateBadge } from "@/shared/components/StateBadge";
import { useFormat } from "@/shared/i18n/useFormat";
import { cancelWorklist, retryWorklist, worklistOptions, worklistsOptions } from "./worklists";

/** One worklist: how far it is, and how often people side with the model on it. */
export function WorklistRow({ projectId, worklist }: { projectId: number; worklist: Worklist }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const isDone = worklist.state === "done";
  const arms = useQuery({ ...worklistOptions(projectId, worklist.id), enabled: isDone }).data?.arms ?? [];
  const changing = useMutation({
    mutationFn: (change: typeof cancelWorklist) => change(projectId, worklist.id),
    onSettled: () => queries.invalidateQueries({ queryKey: worklistsOptions(projectId, worklist.model.id).queryKey }),
  });
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Text size="sm">
          {t(`worklist.ask.${worklist.kind}`)} · {format.ago(worklist.created_at)}
        </Text>
        <Group gap="sm">
          <StateBadge state={worklist.state} />
          <JobButton
            size="xs"
            state={worklist.state}
            onCancel={() => changing.mutate(cancelWorklist)}
            onRetry={() => changing.mutate(retryWorklist)}
            loading={changing.isPending}
          />
        </Group>
      </Group>
      <JobProgress
        state={worklist.state}
        done={worklist.progress_done}
        total={worklist.progress_total}
        detail={
          isDone && worklist.counts.tasks === 0
            ? t(`worklist.none.${worklist.kind}`)
            : t("worklist.opened", {
                tasks: format.integer(worklist.counts.tasks),
                candidates: format.integer(worklist.counts.candidates),
              })
        }
      />
      {arms.map(({ name, done, tasks, sided }) => (
        <Text key={name} size="sm">
          {t(`worklist.arm.${name}`, { done: format.integer(done), tasks: format.integer(tasks) })}{" "}
          {sided &&
            t("worklist.sided", {
              rate: format.percent(sided.rate),
              low: format.percent(sided.low),
              high: format.percent(sided.high),
            })}
        </Text>
      ))}
      {worklist.error && (
        <Text c="red" size="sm" role="alert">
          {worklist.error}
        </Text>
      )}
      <ProblemNotice error={changing.error} />
    </Stack>
  );
}
