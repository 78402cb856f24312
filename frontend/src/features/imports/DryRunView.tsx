import { Alert, Button, Group, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { Loaded } from "@/shared/components/Loaded";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { isFinal } from "@/shared/api/live";
import type { Import, ImportPreview, ImportRow } from "@/shared/api/types";
import { confirmImport, discardImport, importOptions, importPreviewOptions, reviseImport, type Reading } from "./api";
import { Foretold } from "./Foretold";
import { LeftOutTable } from "./LeftOutTable";
import { PreviewRows } from "./PreviewRows";
import { ReadingForm } from "./ReadingForm";
import { RejectionTable } from "./RejectionTable";

interface Props {
  projectId: number;
  row: Import;
  /** When the row was fetched. */
  asOf: number;
  desk: (row: ImportRow) => ReactNode;
  onDiscarded: () => void;
}

/** A file that is stored and not in yet: how it is read, what its annotators will see, and what would come in. */
export function DryRunView({ projectId, row, asOf, desk, onDiscarded }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const preview = useQuery(importPreviewOptions(projectId, row));
  const keep = (fresh: Awaited<ReturnType<typeof confirmImport>>) =>
    queries.setQueryData(importOptions(projectId, row.id).queryKey, fresh);
  const revising = useMutation({
    mutationFn: (reading: Reading) => reviseImport(projectId, row.id, reading),
    onSuccess: keep,
  });
  const confirming = useMutation({ mutationFn: () => confirmImport(projectId, row.id), onSuccess: keep });
  const discarding = useMutation({ mutationFn: () => discardImport(projectId, row.id), onSuccess: onDiscarded });
  return (
    <Stack gap="lg">
      <Panel title={t("dry_run.reading")} description={t("dry_run.reading_detail")}>
        <ProblemNotice error={revising.error} />
        <ReadingForm row={row} preview={preview.data} onChange={revising.mutate} />
        {preview.data?.error && <Unreadable why={preview.data.error} />}
      </Panel>
      <Loaded query={preview}>
        {(found) => <Beginning found={found} desk={desk} showLeftOut={!isFinal(row.state)} />}
      </Loaded>
      <Panel title={t("dry_run.foretold")} description={t("dry_run.foretold_detail")}>
        <Foretold row={preview.data?.error ? { ...row, error: "" } : row} asOf={asOf} />
        <ProblemNotice error={confirming.error ?? discarding.error} />
        <Group>
          <Button
            onClick={() => confirming.mutate()}
            loading={confirming.isPending}
            disabled={Boolean(preview.data?.error) || row.state === "failed"}
          >
            {t("dry_run.confirm")}
          </Button>
          <ConfirmButton
            size="sm"
            label={t("dry_run.discard")}
            question={t("dry_run.discard_question")}
            detail={t("dry_run.discard_detail")}
            onConfirm={() => discarding.mutate()}
          />
        </Group>
      </Panel>
      {row.state === "done" && <RejectionTable projectId={projectId} row={row} />}
    </Stack>
  );
}

function Unreadable({ why }: { why: string }) {
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} role="alert">
      {why}
    </Alert>
  );
}

interface BeginningProps {
  found: ImportPreview;
  desk: Props["desk"];
  /** As long as the report of the whole file is not there. */
  showLeftOut: boolean;
}

function Beginning({ found, desk, showLeftOut }: BeginningProps) {
  const { t } = useTranslation();
  const leftOut = showLeftOut ? found.left_out : [];
  if (found.rows.length === 0 && leftOut.length === 0) return null;
  return (
    <Panel title={t("dry_run.beginning")} description={t("dry_run.beginning_detail", { count: found.rows.length })}>
      {found.rows.length > 0 && <PreviewRows rows={found.rows} desk={desk} />}
      {leftOut.length > 0 && <LeftOutTable rows={leftOut} />}
    </Panel>
  );
}
