import { Code, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LinkAnchor } from "@/shared/components/Links";
import { Loaded } from "@/shared/components/Loaded";
import { Pairs } from "@/shared/components/Pairs";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import type { ModelDetail } from "@/shared/api/types";
import { modelOptions } from "./api";
import { DeployableBadge } from "./DeployableBadge";
import { ModelMetrics } from "./ModelMetrics";
import { Playground } from "./Playground";
import { Serving } from "./Serving";
import { WinRate } from "./WinRate";
import { Worklists } from "./Worklists";
import { WriteCompletions } from "./WriteCompletions";

interface Props {
  projectId: number;
  modelId: number;
  mayWrite: boolean;
  mayServe: boolean;
  /** What another feature has to say of it, after where it comes from. */
  children?: ReactNode;
}

export function ModelView({ projectId, modelId, mayWrite, mayServe, children }: Props) {
  const { t } = useTranslation();
  const query = useQuery(modelOptions(projectId, modelId));
  return (
    <Loaded query={query}>
      {(model) => (
        <Stack gap="lg">
          <Panel
            title={t(`stage.${model.stage}`)}
            description={t("models.origin")}
            actions={<DeployableBadge model={model} />}
          >
            <Lineage projectId={projectId} model={model} />
          </Panel>
          {children}
          <ModelMetrics model={model} />
          {isAssistant(model) && <WinRate projectId={projectId} model={model} mayWrite={mayWrite} />}
          {mayWrite && model.stage === "reward" && model.stale_at === null && (
            <Worklists projectId={projectId} modelId={model.id} />
          )}
          {mayWrite && model.stage === "pretrain" && <Playground projectId={projectId} modelId={model.id} />}
          {mayWrite && (model.deployable || model.waits_for_people) && (
            <WriteCompletions projectId={projectId} model={model} />
          )}
          <Serving projectId={projectId} model={model} mayServe={mayServe} />
          <Panel title={t("models.card")} description={t("models.card_detail")}>
            <Pairs label={t("models.card")} values={withoutMetrics(model.card)} />
          </Panel>
        </Stack>
      )}
    </Loaded>
  );
}

/** Where the model comes from: release, run, digest. */
function Lineage({ projectId, model }: { projectId: number; model: ModelDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Stack gap={6}>
      <Group gap="xs">
        <LinkAnchor to="/projects/$projectId/releases/$releaseId" params={{ projectId, releaseId: model.release.id }}>
          {model.release.name}
        </LinkAnchor>
        <Text c="dimmed" aria-hidden>
          →
        </Text>
        <LinkAnchor to="/projects/$projectId/runs/$runId" params={{ projectId, runId: model.run.id }}>
          {t("runs.one", { id: model.run.id })}
        </LinkAnchor>
        <Text c="dimmed" aria-hidden>
          →
        </Text>
        <Text>{model.name}</Text>
      </Group>
      <Text size="sm" c="dimmed">
        {format.dateTime(model.created_at)} · {format.bytes(model.bytes)} · {t("releases.sha256")}{" "}
        <Code>{model.sha256.slice(0, 16)}</Code>
      </Text>
    </Stack>
  );
}

const isAssistant = ({ stage }: ModelDetail) => stage === "sft" || stage === "rl" || stage === "dpo";

function withoutMetrics(card: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(card).filter(([name]) => name !== "metrics"));
}
