import { SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconRoute } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { Figures } from "@/shared/components/Figures";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import { SPLITS, type Progress } from "@/shared/api/types";
import { progressOptions } from "./api";
import { ProtocolProgress } from "./ProtocolProgress";

export function ProjectProgress({ projectId }: { projectId: number }) {
  const query = useQuery(progressOptions(projectId));
  return (
    <Loaded query={query} loading={<Loading rows={3} height={140} />}>
      {(progress) => <Overview progress={progress} />}
    </Loaded>
  );
}

function Overview({ progress }: { progress: Progress }) {
  const { t } = useTranslation();
  const format = useFormat();
  const counts = ["prompts", "completions", "answers", "people"] as const;
  return (
    <Stack gap="lg">
      <Panel>
        <Figures
          figures={counts.map((name) => ({ label: t(`progress.${name}`), value: format.integer(progress[name]) }))}
        />
        <Text size="sm" c="dimmed">
          {t("progress.splits")}{" "}
          {SPLITS.map((split) => `${t(`split.${split}`)} ${format.integer(progress.splits[split])}`).join(" · ")}
        </Text>
        {progress.counted_at && (
          <Text size="sm" c="dimmed">
            {t("progress.counted", { ago: format.ago(progress.counted_at) })}
          </Text>
        )}
      </Panel>
      {progress.protocols.length === 0 && (
        <EmptyState icon={IconRoute} title={t("progress.no_protocols")}>
          {t("progress.no_protocols_detail")}
        </EmptyState>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        {progress.protocols.map((protocol) => (
          <ProtocolProgress key={protocol.id} protocol={protocol} />
        ))}
      </SimpleGrid>
    </Stack>
  );
}
