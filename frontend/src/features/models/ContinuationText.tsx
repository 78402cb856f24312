import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { isFinal } from "@/shared/api/live";
import { ProblemNotice } from "@/shared/components/Problem";
import { StateBadge } from "@/shared/components/StateBadge";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Continuation } from "@/shared/api/types";
import { cancelContinuation, continuationsOptions } from "./api";
import classes from "./Playground.module.css";

interface Props {
  projectId: number;
  modelId: number;
  row: Continuation;
}

/** One text and how the model went on from it, or how far it is. */
export function ContinuationText({ projectId, modelId, row }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const isLive = !isFinal(row.state);
  const stopping = useMutation({
    mutationFn: () => cancelContinuation(projectId, row.id),
    onSettled: () => queries.invalidateQueries({ queryKey: continuationsOptions(projectId, modelId).queryKey }),
  });
  const how = t("playground.how", {
    temperature: format.decimal(row.sampling.temperature),
    seed: String(row.sampling.seed),
    who: row.created_by.name,
    when: format.ago(row.created_at),
  });
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {how}
        </Text>
        <Group gap="sm">
          {row.state !== "done" && <StateBadge state={row.state} />}
          {isLive && (
            <Button size="xs" variant="default" onClick={() => stopping.mutate()} loading={stopping.isPending}>
              {t("action.stop")}
            </Button>
          )}
        </Group>
      </Group>
      <blockquote className={classes.text} aria-live="polite">
        <span className={classes.prompt}>{row.prompt}</span>
        {row.text}
        {isLive && (
          <Text span c="dimmed">
            {" "}
            {t(row.state === "queued" ? "playground.waiting" : "playground.writing")}
          </Text>
        )}
      </blockquote>
      {row.state === "running" && (
        <Progress
          aria-label={t("state.progress")}
          size="sm"
          value={(100 * row.progress_done) / Math.max(row.progress_total, 1)}
        />
      )}
      {row.error && (
        <Text c="red" size="sm" role="alert" style={{ whiteSpace: "pre-wrap" }}>
          {row.error}
        </Text>
      )}
      <ProblemNotice error={stopping.error} />
    </Stack>
  );
}
