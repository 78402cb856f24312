import { Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Figures } from "@/shared/components/Figures";
import { JobButton } from "@/shared/components/JobButton";
import { JobProgress } from "@/shared/components/JobProgress";
import { Loaded } from "@/shared/components/Loaded";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { StateBadge } from "@/shared/components/StateBadge";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Import } from "@/shared/api/types";
import { cancelImport, importOptions, retryImport } from "./api";
import { RejectionTable } from "./RejectionTable";

const COUNTS = [
  "read",
  "prompts",
  "completions",
  "demonstrations",
  "rankings",
  "comparisons",
  "labels",
  "tasks",
  "duplicates",
  "rejected",
  "skipped",
] as const;

export function ImportView({ projectId, importId }: { projectId: number; importId: number }) {
  const query = useQuery(importOptions(projectId, importId));
  return <Loaded query={query}>{(row) => <Details projectId={projectId} row={row} />}</Loaded>;
}

function Details({ projectId, row }: { projectId: number; row: Import }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const changing = useMutation({
    mutationFn: (change: typeof cancelImport) => change(projectId, row.id),
    onSuccess: (fresh) => queries.setQueryData(importOptions(projectId, row.id).queryKey, fresh),
  });
  return (
    <Stack gap="lg">
      <Panel
        title={t("imports.contents")}
        actions={
          <Group gap="sm">
            <StateBadge state={row.state} />
            <JobButton
              state={row.state}
              onCancel={() => changing.mutate(cancelImport)}
              onRetry={() => changing.mutate(retryImport)}
              loading={changing.isPending}
            />
          </Group>
        }
      >
        <JobProgress
          state={row.state}
          done={row.progress_done}
          total={row.progress_total}
          detail={t("imports.bytes", {
            done: format.bytes(row.progress_done),
            total: format.bytes(row.progress_total),
          })}
        />
        {row.error && (
          <Text c="red" role="alert">
            {row.error}
          </Text>
        )}
        <ProblemNotice error={changing.error} />
        <Figures
          figures={COUNTS.map((name) => ({
            label: t(`imports.count.${name}`),
            value: format.integer(row.counts[name] ?? 0),
          }))}
        />
        <LeftOut reasons={row.skipped_by_reason} />
      </Panel>
      <RejectionTable projectId={projectId} row={row} />
    </Stack>
  );
}

/** What is no row and no mistake, such as a cancelled annotation. */
function LeftOut({ reasons }: { reasons: Import["skipped_by_reason"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const counted = Object.entries(reasons).map(([reason, count]) => `${reason} ${format.integer(count)}`);
  if (counted.length === 0) return null;
  return (
    <Text size="sm" c="dimmed">
      {t("imports.left_out", { reasons: counted.join(" · ") })}
    </Text>
  );
}
