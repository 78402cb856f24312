import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Figures } from "@/shared/components/Figures";
import { JobProgress } from "@/shared/components/JobProgress";
import { LinkAnchor, LinkButton } from "@/shared/components/Links";
import { Loaded } from "@/shared/components/Loaded";
import { Panel } from "@/shared/components/Panel";
import { problemText } from "@/shared/components/Problem";
import { StateBadge } from "@/shared/components/StateBadge";
import { announce } from "@/shared/components/announcer";
import { asProblem } from "@/shared/api/problem";
import { isFinal } from "@/shared/api/live";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Run } from "@/shared/api/types";
import { cancelRun, retryRun, runOptions } from "./api";
import { LossCurve } from "./LossCurve";
import { Rollouts } from "./Rollouts";
import { RunConfig } from "./RunConfig";
import { RunLog } from "./RunLog";
import { Slide } from "./Slide";

export function RunView({ projectId, runId }: { projectId: number; runId: number }) {
  const query = useQuery(runOptions(projectId, runId));
  return <Loaded query={query}>{(run) => <Details projectId={projectId} run={run} />}</Loaded>;
}

function Details({ projectId, run }: { projectId: number; run: Run }) {
  const { t } = useTranslation();
  const format = useFormat();
  const isLive = !isFinal(run.state);
  const rate = run.tokens_per_second === null ? "–" : format.integer(Math.round(run.tokens_per_second));
  const figures = [
    {
      label: t("runs.step"),
      value: format.integer(run.progress_done),
      note: t("runs.of", { total: format.integer(run.progress_total) }),
    },
    { label: t("runs.tokens_per_second"), value: rate },
    { label: t("runs.eta"), value: isLive && run.eta_seconds !== null ? format.duration(run.eta_seconds) : "–" },
    { label: t("runs.attempt"), value: format.integer(run.attempt) },
  ];
  return (
    <Stack gap="lg">
      <Panel
        title={t(`stage.${run.stage}`)}
        actions={
          <Group gap="sm">
            <StateBadge state={run.state} />
            <RunButtons projectId={projectId} run={run} />
          </Group>
        }
      >
        <Text size="sm" c="dimmed">
          {t("runs.on_release")}{" "}
          <LinkAnchor
            underline="always"
            to="/projects/$projectId/releases/$releaseId"
            params={{ projectId, releaseId: run.release.id }}
          >
            {run.release.name}
          </LinkAnchor>
          · {run.created_by.name}
          {run.judge && ` · ${t(run.stage === "rl" ? "runs.rewarded_by" : "runs.chosen_by", { name: run.judge.name })}`}
          {run.gold && ` · ${t("runs.watched_by", { name: run.gold.name })}`}
        </Text>
        <JobProgress state={run.state} done={run.progress_done} total={run.progress_total} />
        {run.error && (
          <Text c="red" role="alert" style={{ whiteSpace: "pre-wrap" }}>
            {run.error}
          </Text>
        )}
        <Figures figures={figures} />
      </Panel>
      {run.stage === "pretrain" && <Slide projectId={projectId} runId={run.id} isLive={isLive} />}
      {run.stage === "rl" && <Rollouts projectId={projectId} run={run} />}
      <LossCurve projectId={projectId} run={run} />
      <RunLog projectId={projectId} run={run} />
      <RunConfig run={run} />
    </Stack>
  );
}

function RunButtons({ projectId, run }: { projectId: number; run: Run }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const changing = useMutation({
    mutationFn: (change: typeof cancelRun) => change(projectId, run.id),
    onSuccess: (fresh) => queries.setQueryData(runOptions(projectId, run.id).queryKey, fresh),
    onError: (error) => {
      announce(problemText(asProblem(error), t));
      void queries.invalidateQueries({ queryKey: runOptions(projectId, run.id).queryKey, exact: true });
    },
  });
  if (run.model)
    return (
      <LinkButton to="/projects/$projectId/models/$modelId" params={{ projectId, modelId: run.model.id }}>
        {t("runs.see_model")}
      </LinkButton>
    );
  return isFinal(run.state) ? (
    <Button onClick={() => changing.mutate(retryRun)} loading={changing.isPending}>
      {t("action.retry")}
    </Button>
  ) : (
    <Button variant="default" onClick={() => changing.mutate(cancelRun)} loading={changing.isPending}>
      {t("runs.cancel")}
    </Button>
  );
}
