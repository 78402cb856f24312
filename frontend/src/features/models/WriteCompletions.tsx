import { Button, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import type { ModelDetail } from "@/shared/api/types";
import { batchesOptions } from "./api";
import { Batch } from "./Batch";
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
          <Batch key={batch.id} projectId={projectId} batch={batch} />
        ))}
      </Stack>
      <CompletionsDialog projectId={projectId} modelId={model.id} opened={opened} onClose={dialog.close} />
    </Panel>
  );
}
