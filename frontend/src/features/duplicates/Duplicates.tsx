import { Badge, Button, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconCopyCheck } from "@tabler/icons-react";
import { diffWordsWithSpace } from "diff";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { JobProgress } from "@/shared/components/JobProgress";
import { LinkAnchor } from "@/shared/components/Links";
import { Loaded } from "@/shared/components/Loaded";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { isFinal } from "@/shared/api/live";
import type { DuplicateCluster } from "@/shared/api/types";
import { useFormat } from "@/shared/i18n/useFormat";
import { clustersOptions, searchOptions, startSearch } from "./api";
import classes from "./Duplicates.module.css";

// A difference of two long texts takes quadratic time; beyond this both are shown as they are.
const MOST_CHARACTERS = 4000;

/** Prompts that are nearly the same, side by side: shown to people, dropped by nobody. */
export function Duplicates({ projectId, maySearch }: { projectId: number; maySearch: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const query = useQuery(searchOptions(projectId));
  const clusters = useInfiniteQuery(clustersOptions(projectId));
  const starting = useMutation({
    mutationFn: () => startSearch(projectId),
    onSuccess: () => queries.invalidateQueries({ queryKey: searchOptions(projectId).queryKey }),
  });
  const search = query.data?.search;
  const isDone = search?.state === "done";
  // What the search found is read when it ends, not before.
  useEffect(() => {
    if (isDone) void queries.invalidateQueries({ queryKey: clustersOptions(projectId).queryKey });
  }, [isDone, projectId, queries]);
  const start = maySearch && (
    <Button
      size="sm"
      variant={search ? "default" : "filled"}
      loading={starting.isPending}
      disabled={search ? !isFinal(search.state) : false}
      onClick={() => starting.mutate()}
    >
      {t(search ? "duplicates.again" : "duplicates.start")}
    </Button>
  );
  return (
    <Stack gap="lg">
      <Panel title={t("duplicates.search")} description={t("duplicates.detail")} actions={start}>
        <ProblemNotice error={starting.error} />
        <Loaded query={query}>
          {({ search }) =>
            search === null ? (
              <Text c="dimmed">{t("duplicates.never")}</Text>
            ) : isFinal(search.state) && !search.error ? (
              <Text>
                {t("duplicates.found", {
                  count: search.counts.clusters,
                  shown: format.integer(search.counts.clusters),
                  prompts: format.integer(search.counts.prompts),
                })}
                {search.finished_at && ` · ${format.ago(search.finished_at)}`}
              </Text>
            ) : (
              <>
                <JobProgress state={search.state} done={search.progress_done} total={search.progress_total} />
                {search.error && (
                  <Text c="red" role="alert">
                    {search.error}
                  </Text>
                )}
              </>
            )
          }
        </Loaded>
      </Panel>
      <Loaded query={clusters}>
        {(rows) =>
          rows.length === 0 ? (
            isDone && (
              <EmptyState icon={IconCopyCheck} title={t("duplicates.none")}>
                {t("duplicates.none_detail")}
              </EmptyState>
            )
          ) : (
            <>
              {rows.map((cluster) => (
                <Cluster key={cluster.id} projectId={projectId} cluster={cluster} />
              ))}
              {clusters.hasNextPage && (
                <Group justify="center">
                  <Button
                    variant="default"
                    loading={clusters.isFetchingNextPage}
                    onClick={() => void clusters.fetchNextPage()}
                  >
                    {t("action.load_more")}
                  </Button>
                </Group>
              )}
            </>
          )
        }
      </Loaded>
    </Stack>
  );
}

function Cluster({ projectId, cluster }: { projectId: number; cluster: DuplicateCluster }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [first, ...others] = cluster.prompts;
  if (first === undefined) return null;
  const hidden = cluster.prompts_count - cluster.prompts.length;
  return (
    <Panel
      title={t("duplicates.cluster", { count: cluster.prompts_count, shown: format.integer(cluster.prompts_count) })}
      actions={
        cluster.splits_count > 1 && (
          <Badge color="yellow" variant="light" tt="none">
            {t("duplicates.bridges")}
          </Badge>
        )
      }
    >
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {[first, ...others].map((prompt) => (
          <article key={prompt.id} className={classes.prompt}>
            <Group justify="space-between" mb={4}>
              <LinkAnchor
                size="sm"
                to="/projects/$projectId/prompts/$promptId"
                params={{ projectId, promptId: prompt.id }}
              >
                {t("duplicates.prompt", { id: prompt.id })}
              </LinkAnchor>
              <Text size="xs" c="dimmed">
                {t(`split.${prompt.split}`)}
              </Text>
            </Group>
            <Beside text={said(prompt)} other={prompt === first ? undefined : said(first)} />
          </article>
        ))}
      </SimpleGrid>
      {hidden > 0 && (
        <Text size="sm" c="dimmed">
          {t("duplicates.more", { count: hidden, shown: format.integer(hidden) })}
        </Text>
      )}
    </Panel>
  );
}

/** A text with what it says otherwise than the first one marked; what it leaves out is struck through. */
function Beside({ text, other }: { text: string; other: string | undefined }) {
  if (other === undefined || text.length + other.length > MOST_CHARACTERS)
    return <p className={classes.text}>{text}</p>;
  return (
    <p className={classes.text}>
      {diffWordsWithSpace(other, text).map((part, place) => {
        if (part.added) return <ins key={place}>{part.value}</ins>;
        return part.removed ? <del key={place}>{part.value}</del> : <span key={place}>{part.value}</span>;
      })}
    </p>
  );
}

const said = (prompt: DuplicateCluster["prompts"][number]) =>
  prompt.messages.map((message) => message.content).join("\n\n");
