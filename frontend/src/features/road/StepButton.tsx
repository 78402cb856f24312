import { Anchor, Button, Group, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { LinkAnchor, LinkButton } from "@/shared/components/Links";
import { ProblemNotice } from "@/shared/components/Problem";
import type { RoadStand } from "@/shared/api/types";
import { roadOptions, takeStep } from "./api";

interface Props {
  projectId: number;
  stand: RoadStand;
  mayOrder: boolean;
}

/** What is next at a station, done by the button itself where a click can do it. */
export function StepButton({ projectId, stand, mayOrder }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { station, step } = stand;
  const taking = useMutation({
    mutationFn: () => takeStep(projectId, station, step),
    onSettled: () => queries.invalidateQueries({ queryKey: roadOptions(projectId).queryKey }),
  });
  if (!step.is_order || step.do === "collect") return <Way projectId={projectId} stand={stand} />;
  if (!mayOrder) return null;
  return (
    <Stack gap="xs">
      <ProblemNotice error={taking.error} />
      <Group gap="md">
        <Button loading={taking.isPending} onClick={() => taking.mutate()}>
          {t(`road.do.${step.do}`)}
        </Button>
        {step.do === "train" && step.target !== null && (
          <LinkAnchor
            to="/projects/$projectId/runs/new"
            params={{ projectId }}
            search={{ release: step.target }}
            size="sm"
          >
            {t("road.choose")}
          </LinkAnchor>
        )}
      </Group>
    </Stack>
  );
}

/** Where one goes to do what no click can do. */
function Way({ projectId, stand }: { projectId: number; stand: RoadStand }) {
  const { t } = useTranslation();
  const { station, step } = stand;
  const target = step.target ?? 0;
  const look = { variant: "default", w: "fit-content" } as const;
  switch (step.do) {
    case "wait_run":
    case "look":
      return (
        <LinkButton to="/projects/$projectId/runs/$runId" params={{ projectId, runId: target }} {...look}>
          {t(`road.do.${step.do}`)}
        </LinkButton>
      );
    case "wait_release":
      return (
        <LinkButton to="/projects/$projectId/releases/$releaseId" params={{ projectId, releaseId: target }} {...look}>
          {t("road.do.wait_release")}
        </LinkButton>
      );
    case "chat":
      return (
        <LinkButton to="/projects/$projectId/chat" params={{ projectId }} w="fit-content">
          {t("road.do.chat")}
        </LinkButton>
      );
    case "first":
      return step.station === null ? null : (
        <Anchor href={`#station-${step.station}`} size="sm" w="fit-content">
          {t("road.do.first", { station: t(`road.station.${step.station}.name`) })}
        </Anchor>
      );
    default:
      return (
        <LinkButton
          to={station === "pretrain" ? "/projects/$projectId/imports" : "/projects/$projectId/tasks"}
          params={{ projectId }}
          {...look}
        >
          {t(step.do === "more" ? "road.do.more" : `road.collect.${station === "rl" ? "sft" : station}`)}
        </LinkButton>
      );
  }
}
