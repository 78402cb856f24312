import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { ModelDetail, Served } from "@/shared/api/types";
import { CopyField } from "@/shared/components/CopyField";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { serveModel, servedOptions, stopServing } from "./api";

const COLORS: Record<Served["state"], string> = { starting: "blue", ready: "moss", failed: "red", stopped: "gray" };

interface Props {
  projectId: number;
  model: ModelDetail;
  mayServe: boolean;
}

/** Whether a model is kept running, where it is asked, and the button for either. */
export function Serving({ projectId, model, mayServe }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const options = servedOptions(projectId);
  const query = useInfiniteQuery(options);
  const served = query.data?.find((one) => one.model?.id === model.id);
  const isUp = served?.is_wanted ?? false;
  const changing = useMutation({
    mutationFn: () => (served && isUp ? stopServing(projectId, served.id) : serveModel(projectId, model.id)),
    onSuccess: () => queries.invalidateQueries({ queryKey: options.queryKey }),
  });
  const button = mayServe && query.data && (isUp || model.stale_at === null) && (
    <Button variant={isUp ? "default" : "filled"} loading={changing.isPending} onClick={() => changing.mutate()}>
      {t(isUp ? "serving.stop" : "serving.serve")}
    </Button>
  );
  return (
    <Panel title={t("serving.title")} description={t("serving.detail")} actions={button}>
      <Stack gap="sm">
        <ProblemNotice error={query.error ?? changing.error} />
        {served && isUp ? <Address served={served} model={model} /> : <Text c="dimmed">{t("serving.none")}</Text>}
      </Stack>
    </Panel>
  );
}

function Address({ served, model }: { served: Served; model: ModelDetail }) {
  const { t } = useTranslation();
  const use = model.stage === "pretrain" || model.stage === "reward" ? model.stage : "other";
  return (
    <>
      <Group gap="xs" role="status">
        <Badge variant="light" tt="none" color={COLORS[served.state]}>
          {t(`serving.state.${served.state}`)}
        </Badge>
        {served.said && <Text size="sm">{served.said}</Text>}
      </Group>
      {served.state === "ready" && (
        <>
          <Text size="sm">{t("serving.how")}</Text>
          {!served.can_chat && <Text size="sm">{t(`serving.no_chat.${use}`)}</Text>}
          <CopyField label={t("serving.address")} value={served.gateway_url} />
          <CopyField label={t("serving.name")} value={served.name} />
        </>
      )}
    </>
  );
}
