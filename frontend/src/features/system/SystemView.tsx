import { Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { JobProgress } from "@/shared/components/JobProgress";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import { Pairs } from "@/shared/components/Pairs";
import { Panel } from "@/shared/components/Panel";
import { isFinal } from "@/shared/api/live";
import { useFormat } from "@/shared/i18n/useFormat";
import { systemOptions } from "./api";

const PERCENT = 100;

export function SystemView() {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(systemOptions);
  return (
    <Loaded query={query} loading={<Loading rows={2} height={220} />}>
      {({ versions, disk, queue, installs, email_enabled }) => {
        const { total_bytes: total, free_bytes: free } = disk;
        const parts = {
          [t("system.media")]: format.bytes(disk.media_bytes ?? 0),
          [t("system.database")]: format.bytes(disk.database_bytes),
        };
        const queues = {
          [t("system.queue_default")]: format.integer(queue.default ?? 0),
          [t("system.queue_training")]: format.integer(queue.training ?? 0),
        };
        return (
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
            <Panel title={t("system.versions")}>
              <Pairs label={t("system.versions")} values={versions} />
            </Panel>
            <Panel
              title={t("system.disk")}
              description={t("system.disk_free", { free: format.bytes(free), total: format.bytes(total) })}
            >
              <Progress
                value={total > 0 ? (1 - free / total) * PERCENT : 0}
                aria-label={t("system.disk")}
                color={total > 0 && free / total < 0.1 ? "red" : undefined}
              />
              <Pairs label={t("system.disk")} values={parts} />
            </Panel>
            <Panel title={t("system.queue")}>
              <Pairs label={t("system.queue")} values={queues} />
            </Panel>
            <Panel title={t("system.installs")}>
              <Stack gap="sm">
                {!isFinal(installs.state) && <JobProgress state="running" done={installs.percent} total={PERCENT} />}
                <Text size="sm">{[installs.state, installs.message].filter(Boolean).join(" · ")}</Text>
                <Text size="sm" c="dimmed">
                  {t("system.email")}: {t(email_enabled ? "system.email_on" : "system.email_off")}
                </Text>
              </Stack>
            </Panel>
          </SimpleGrid>
        );
      }}
    </Loaded>
  );
}
