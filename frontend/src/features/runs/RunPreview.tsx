import { Button, Stack, Text } from "@mantine/core";
import { useQuery, type UseMutationResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { isFinal } from "@/shared/api/live";
import { JobProgress } from "@/shared/components/JobProgress";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import type { RunPreview as Preview } from "@/shared/api/types";
import { previewOptions, type NewRun } from "./api";
import { PreviewRows } from "./PreviewRows";
import { PreviewSums } from "./PreviewSums";

interface Props {
  projectId: number;
  /** What the form would order now; null while it is not whole. */
  order: NewRun | null;
  ordering: UseMutationResult<Preview, Error, NewRun>;
}

/** What the run would learn, token by token, and what becomes of the rest: before it is started. */
export function RunPreview({ projectId, order, ordering }: Props) {
  const { t } = useTranslation();
  const id = ordering.data?.id;
  const query = useQuery({ ...previewOptions(projectId, id ?? 0), enabled: id !== undefined });
  const row = id === undefined ? undefined : (query.data ?? ordering.data);
  const isWaiting = ordering.isPending || (row !== undefined && !isFinal(row.state) && !query.error);
  const isOld = row?.state === "done" && JSON.stringify(order) !== JSON.stringify(ordering.variables);
  return (
    <Panel
      title={t("run_preview.title")}
      description={t("run_preview.detail")}
      actions={
        <Button
          variant="default"
          loading={isWaiting}
          disabled={order === null}
          onClick={() => order && ordering.mutate(order)}
        >
          {t("run_preview.submit")}
        </Button>
      }
    >
      <ProblemNotice error={query.error} />
      {isWaiting && row && (
        <JobProgress
          state="running"
          done={0}
          total={0}
          detail={t(row.state === "queued" ? "run_preview.waiting" : "run_preview.reading")}
        />
      )}
      {row?.error && (
        <Text c="red" role="alert" style={{ whiteSpace: "pre-wrap" }}>
          {row.error}
        </Text>
      )}
      {isOld && (
        <Text role="status" c="var(--bennet-warning)">
          {t("run_preview.old")}
        </Text>
      )}
      {row?.state === "done" && row.found && (
        <Stack gap="lg">
          <PreviewSums stage={row.stage} found={row.found} />
          <PreviewRows key={row.id} rows={row.found.rows} />
        </Stack>
      )}
    </Panel>
  );
}
