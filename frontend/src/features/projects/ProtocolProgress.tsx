import { Group, Progress as Bar, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { DayBars } from "@/shared/components/DayBars";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Progress } from "@/shared/api/types";

/** How far a protocol's tasks are, and its last fourteen days. */
export function ProtocolProgress({ protocol }: { protocol: Progress["protocols"][number] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const share = protocol.tasks_total > 0 ? protocol.tasks_closed / protocol.tasks_total : 0;
  const days = protocol.answers_per_day.map(({ date, count }) => ({
    key: date,
    value: count,
    label: t("progress.day", { day: format.day(date), count, shown: format.integer(count) }),
  }));
  return (
    <Panel title={protocol.name} description={t(`protocol_kind.${protocol.kind}`)}>
      <Stack gap={6}>
        <Bar value={share * 100} size="md" radius="xl" aria-label={t("progress.closed_label")} />
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {t("progress.closed", {
              closed: format.integer(protocol.tasks_closed),
              total: format.integer(protocol.tasks_total),
            })}
          </Text>
          <Text size="sm" c="dimmed">
            {format.percent(share)}
          </Text>
        </Group>
      </Stack>
      <Stack gap={4}>
        <DayBars days={days} label={t("progress.days_label")} />
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {t(days.some((day) => day.value > 0) ? "progress.days_label" : "progress.days_none")}
          </Text>
          <Text size="sm">
            {t("progress.today", { count: protocol.answers_today, shown: format.integer(protocol.answers_today) })}
          </Text>
        </Group>
      </Stack>
    </Panel>
  );
}
