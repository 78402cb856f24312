import { Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { JobProgress } from "@/shared/components/JobProgress";
import { Panel } from "@/shared/components/Panel";
import { StateBadge } from "@/shared/components/StateBadge";
import { useFormat } from "@/shared/i18n/useFormat";
import type { CompletionBatch, ModelDetail } from "@/shared/api/types";
import { batchesOptions } from "./api";
import { CompletionsDialog } from "./CompletionsDialog";

/** Let the model write for waiting prompts; what it writes becomes ranking tasks. */
export function WriteCompletions({ projectId, model }: { projectId: number; model: ModelDetail }) {
  const { t } = useTranslation();
  const [opened, dialog] = useDisclosure();
  const batches = (useInfiniteQuery(batchesOptions(projectId)).data ?? []).filter(
    (batch) => batch.model.id === model.id,
  );
  return (
    <Panel
      title={t("models.write")}
      description={t("models.write_detail")}
      actions={<Button onClick={dialog.open}>{t("models.write")}</Button>}
    >
      {batches.length === 0 && <Text c="dimmed">{t("models.no_batches")}</Text>}
      <Stack gap="lg">
        {batches.map((batch) => (
          <Batch key={batch.id} batch={batch} />
        ))}
      </Stack>
      <CompletionsDialog projectId={projectId} modelId={model.id} opened={opened} onClose={dialog.close} />
    </Panel>
  );
}

function Batch({ batch }: { batch: CompletionBatch }) {
  const { t } = useTranslation();
  const format = useFormat();
  const count = (name: keyof CompletionBatch["counts"]) => format.integer(batch.counts[name]);
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Text size="sm">
          {t("models.batch", { id: batch.id, n: batch.n })} · {format.ago(batch.created_at)}
        </Text>
        <StateBadge state={batch.state} />
      </Group>
      <JobProgress
        state={batch.state}
        done={batch.progress_done}
        total={batch.progress_total}
        detail={t("models.batch_counts", {
          completions: count("completions"),
          tasks: count("tasks"),
          duplicates: count("duplicates"),
          empty: count("empty"),
        })}
      />
      {batch.error && (
        <Text c="red" size="sm" role="alert">
          {batch.error}
        </Text>
      )}
    </Stack>
  );
}
