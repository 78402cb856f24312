import { Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Figures } from "@/shared/components/Figures";
import { JobButton } from "@/shared/components/JobButton";
import { Loaded } from "@/shared/components/Loaded";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { StateBadge } from "@/shared/components/StateBadge";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Import, ImportRow } from "@/shared/api/types";
import { cancelImport, importOptions, retryImport } from "./api";
import { DryRunView } from "./DryRunView";
import { ImportProgress } from "./ImportProgress";
import { RejectionTable } from "./RejectionTable";

const COUNTS = [
  "read",
  "prompts",
  "completions",
  "demonstrations",
  "rankings",
  "comparisons",
  "labels",
  "documents",
  "tasks",
  "duplicates",
  "rejected",
  "skipped",
] as const;

interface Props {
  projectId: number;
  importId: number;
  /** A row on the desk on which its annotator will have it. */
  desk: (row: ImportRow) => ReactNode;
  onDiscarded: () => void;
}

export function ImportView({ projectId, importId, desk, onDiscarded }: Props) {
  const query = useQuery(importOptions(projectId, importId));
  const shared = { projectId, asOf: query.dataUpdatedAt };
  return (
    <Loaded query={query}>
      {(row) =>
        row.is_dry_run ? (
          <DryRunView {...shared} row={row} desk={desk} onDiscarded={onDiscarded} />
        ) : (
          <Details {...shared} row={row} />
        )
      }
    </Loaded>
  );
}

function Details({ projectId, row, asOf }: { projectId: number; row: Import; asOf: number }) {
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
        <ImportProgress row={row} asOf={asOf} />
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
