import { Button, List, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { isFinal } from "@/shared/api/live";
import { LinkAnchor, LinkButton } from "@/shared/components/Links";
import { JobProgress } from "@/shared/components/JobProgress";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { StateBadge } from "@/shared/components/StateBadge";
import type { Walk } from "@/shared/api/types";
import { cancelWalk, roadOptions, startWalk } from "./api";

interface Props {
  projectId: number;
  walk: Walk | null;
  mayOrder: boolean;
}

/** The whole road in one go, with tiny presets: to see it work before it is worth anything. */
export function WalkPanel({ projectId, walk, mayOrder }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const changing = useMutation({
    mutationFn: (): Promise<unknown> => (isUnderWay(walk) ? cancelWalk(projectId, walk.id) : startWalk(projectId)),
    onSettled: () => queries.invalidateQueries({ queryKey: roadOptions(projectId).queryKey }),
  });
  const underWay = isUnderWay(walk);
  return (
    <Panel
      title={t("road.walk.title")}
      description={t("road.walk.detail")}
      actions={
        mayOrder && (
          <Button
            variant={underWay ? "default" : "filled"}
            loading={changing.isPending}
            onClick={() => changing.mutate()}
          >
            {t(underWay ? "road.walk.stop" : "road.walk.start")}
          </Button>
        )
      }
    >
      <ProblemNotice error={changing.error} />
      {walk && <Way projectId={projectId} walk={walk} />}
    </Panel>
  );
}

const isUnderWay = (walk: Walk | null): walk is Walk => walk?.state === "running";

function Way({ projectId, walk }: { projectId: number; walk: Walk }) {
  const { t } = useTranslation();
  const runs = new Map(walk.runs.map((run) => [run.stage as string, run]));
  const done = walk.runs.filter((run) => run.state === "done").length + (walk.release_state === "done" ? 1 : 0);
  const steps = walk.stages.length + 2;
  const live = walk.runs.find((run) => !isFinal(run.state));
  const share = live && live.progress_total > 0 ? live.progress_done / live.progress_total : 0;
  return (
    <Stack gap="sm" role="status">
      <JobProgress
        state={walk.state}
        done={walk.state === "done" ? steps : done + share}
        total={steps}
        detail={t(`road.walk.state.${walk.state}`)}
      />
      <List size="sm" spacing={4} listStyleType="none">
        <List.Item>
          {walk.release ? (
            <LinkAnchor
              to="/projects/$projectId/releases/$releaseId"
              params={{ projectId, releaseId: walk.release.id }}
              size="sm"
            >
              {walk.release.name}
            </LinkAnchor>
          ) : (
            t("road.walk.release")
          )}{" "}
          {walk.release_state && <StateBadge state={walk.release_state} />}
        </List.Item>
        {walk.stages.map((stage) => {
          const run = runs.get(stage);
          const name = t(`road.station.${stage as "sft"}.name`);
          return (
            <List.Item key={stage} c={run ? undefined : "dimmed"}>
              {run ? (
                <LinkAnchor to="/projects/$projectId/runs/$runId" params={{ projectId, runId: run.id }} size="sm">
                  {name}
                </LinkAnchor>
              ) : (
                name
              )}{" "}
              {run && <StateBadge state={run.state} />}
            </List.Item>
          );
        })}
        <List.Item c={walk.state === "done" ? undefined : "dimmed"}>{t("road.walk.up")}</List.Item>
      </List>
      {walk.said && (
        <Text size="sm" c="red" role="alert">
          {walk.said}
        </Text>
      )}
      {walk.state === "done" && (
        <LinkButton to="/projects/$projectId/chat" params={{ projectId }} w="fit-content">
          {t("road.do.chat")}
        </LinkButton>
      )}
    </Stack>
  );
}
