import { Badge, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { JobProgress } from "@/shared/components/JobProgress";
import { LinkAnchor } from "@/shared/components/Links";
import { Panel } from "@/shared/components/Panel";
import { isFinal } from "@/shared/api/live";
import { useFormat } from "@/shared/i18n/useFormat";
import type { RoadStand } from "@/shared/api/types";
import { DataHave } from "./DataHave";
import { standingOf, type Standing } from "./standing";
import { StepButton } from "./StepButton";
import { Worth } from "./Worth";

const COLORS: Record<Standing, string> = { reached: "moss", moving: "fjord", stale: "yellow", ahead: "gray" };

interface Props {
  projectId: number;
  stand: RoadStand;
  mayOrder: boolean;
}

/** One station: what it is for, what it needs and has, what came of it, what it cost, and what is next. */
export function StationPanel({ projectId, stand, mayOrder }: Props) {
  const { t } = useTranslation();
  const standing = standingOf(stand);
  const { station, run } = stand;
  return (
    <div id={`station-${station}`} style={{ scrollMarginTop: 16 }}>
      <Panel
        title={t(`road.station.${station}.name`)}
        actions={
          <Badge color={COLORS[standing]} variant="light" tt="none">
            {t(`road.standing.${standing}`)}
          </Badge>
        }
      >
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {t(`road.station.${station}.why`)}
          </Text>
          <DataHave stand={stand} />
          {run && !isFinal(run.state) && (
            <JobProgress state={run.state} done={run.progress_done} total={run.progress_total} />
          )}
          <Made projectId={projectId} stand={stand} />
          <Spent stand={stand} />
          <StepButton projectId={projectId} stand={stand} mayOrder={mayOrder} />
        </Stack>
      </Panel>
    </div>
  );
}

/** The newest model, what it is worth, and whether it stands. */
function Made({ projectId, stand }: { projectId: number; stand: RoadStand }) {
  const { t } = useTranslation();
  const { model, stale_model: stale, stale_because: because } = stand;
  if (!model && !stale) return null;
  return (
    <Stack gap={4}>
      {model && (
        <Group gap="xs">
          <LinkAnchor
            to="/projects/$projectId/models/$modelId"
            params={{ projectId, modelId: model.id }}
            fw={600}
            style={{ overflowWrap: "anywhere" }}
          >
            {model.name}
          </LinkAnchor>
          <Text size="sm" c="dimmed">
            {t(model.deployable ? "models.deployable" : `road.use.${stand.station}`)}
            {stand.is_up && ` · ${t("road.up")}`}
          </Text>
        </Group>
      )}
      {model && <Worth stand={stand} />}
      {stale && (
        <Text size="sm" c="var(--bennet-warning)" role="note">
          {t("road.stale", { name: stale.name })} {because && t("road.because", { because })}
        </Text>
      )}
    </Stack>
  );
}

function Spent({ stand }: { stand: RoadStand }) {
  const { t } = useTranslation();
  const format = useFormat();
  const spent = [
    stand.people_seconds > 0 && t("road.people_spent", { time: format.span(stand.people_seconds) }),
    stand.machine_seconds > 0 && t("road.machines_spent", { time: format.span(stand.machine_seconds) }),
  ].filter((one) => one !== false);
  if (spent.length === 0) return null;
  return (
    <Text size="sm" c="dimmed">
      {spent.join(" · ")}
    </Text>
  );
}
