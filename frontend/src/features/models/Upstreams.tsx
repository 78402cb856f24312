import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Served } from "@/shared/api/types";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { askAgain, removeUpstream, servedOptions, stopServing } from "./api";
import { UpstreamForm } from "./UpstreamForm";

interface Props {
  projectId: number;
  mayServe: boolean;
  /** Where the project's words may go is for the owner of the site to say. */
  mayName: boolean;
}

/** Servers elsewhere that this project asks: to talk to, or to stand before its models as a filter. */
export function Upstreams({ projectId, mayServe, mayName }: Props) {
  const { t } = useTranslation();
  const [isNaming, naming] = useDisclosure();
  const query = useInfiniteQuery(servedOptions(projectId));
  const rows = query.data?.filter((one) => one.model === null) ?? [];
  if (rows.length === 0 && !mayName && !query.hasNextPage) return null;
  const button = mayName && !isNaming && (
    <Button variant="default" onClick={naming.open}>
      {t("upstreams.add")}
    </Button>
  );
  return (
    <Panel title={t("upstreams.title")} description={t("upstreams.detail")} actions={button}>
      <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
      {mayName && isNaming && <UpstreamForm projectId={projectId} onDone={naming.close} />}
      {query.data && rows.length === 0 && <Text c="dimmed">{t("upstreams.none")}</Text>}
      {rows.map((row) => (
        <Upstream key={row.id} projectId={projectId} row={row} mayServe={mayServe} mayRemove={mayName} />
      ))}
      {query.hasNextPage && (
        <Button variant="default" onClick={() => void query.fetchNextPage()} style={{ alignSelf: "flex-start" }}>
          {t("action.load_more")}
        </Button>
      )}
    </Panel>
  );
}

interface RowProps {
  projectId: number;
  row: Served;
  mayServe: boolean;
  mayRemove: boolean;
}

function Upstream({ projectId, row, mayServe, mayRemove }: RowProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const keep = { onSuccess: () => queries.invalidateQueries({ queryKey: servedOptions(projectId).queryKey }) };
  const switching = useMutation({
    mutationFn: () => (row.is_wanted ? stopServing(projectId, row.id) : askAgain(projectId, row.id)),
    ...keep,
  });
  const removing = useMutation({ mutationFn: () => removeUpstream(projectId, row.id), ...keep });
  return (
    <Stack gap={4} component="article" aria-label={row.name}>
      <Group justify="space-between" gap="sm">
        <Group gap="xs">
          <Text fw={500}>{row.name}</Text>
          <Badge variant="light" tt="none" color="gray">
            {t(`upstreams.kind.${row.upstream_kind ?? "chat"}`)}
          </Badge>
          {!row.is_wanted && (
            <Badge variant="outline" tt="none" color="gray">
              {t("serving.state.stopped")}
            </Badge>
          )}
        </Group>
        <Group gap="xs">
          {mayServe && (
            <Button size="xs" variant="default" loading={switching.isPending} onClick={() => switching.mutate()}>
              {t(row.is_wanted ? "upstreams.stop" : "upstreams.start")}
            </Button>
          )}
          {mayRemove && (
            <ConfirmButton
              label={t("upstreams.remove")}
              question={t("upstreams.remove_question", { name: row.name })}
              detail={t("upstreams.remove_detail")}
              loading={removing.isPending}
              onConfirm={removing.mutate}
            />
          )}
        </Group>
      </Group>
      <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {row.upstream_model} · {row.upstream_url}
        {row.upstream_key_variable && ` · ${row.upstream_key_variable}`}
      </Text>
      <ProblemNotice error={switching.error ?? removing.error} />
    </Stack>
  );
}
