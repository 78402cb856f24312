import { Group, Progress as Bar, SimpleGrid, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { DayBars } from "@/shared/components/DayBars";
import { Panel } from "@/shared/components/Panel";
import { StateBadge } from "@/shared/components/StateBadge";
import { useFormat } from "@/shared/i18n/useFormat";
import type { BoardLine, BoardRow } from "@/shared/api/types";
import { LanguageTable } from "./LanguageTable";

interface Props {
  row: BoardRow;
  line: BoardLine;
  /** All languages are shown: list them. */
  isWhole: boolean;
}

/** One protocol: how far it is, how fast it goes and how long the rest takes at that pace. */
export function ProtocolBoard({ row, line, isWhole }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const total = line.open + line.done;
  const share = total > 0 ? line.done / total : 0;
  return (
    <Panel
      title={row.protocol.name}
      description={t(`protocol_kind.${row.protocol.kind}`)}
      actions={row.protocol.state !== "active" && <StateBadge state={row.protocol.state} />}
    >
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl">
        <Stack gap={6} justify="flex-end">
          <Text size="sm">
            {line.seconds_left === null || line.missing === 0
              ? t(line.missing === 0 ? "board.nothing_missing" : "board.no_pace")
              : t("board.time_left", { time: format.span(line.seconds_left) })}
          </Text>
          <Bar value={share * 100} size="md" radius="xl" aria-label={t("progress.closed_label")} />
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {t("board.done_of", { done: format.integer(line.done), total: format.integer(total) })}
            </Text>
            <Text size="sm" c="dimmed">
              {t("board.missing", { count: line.missing, shown: format.integer(line.missing) })}
            </Text>
          </Group>
        </Stack>
        <Stack gap={4} justify="flex-end">
          <HourBars line={line} />
        </Stack>
      </SimpleGrid>
      {isWhole && row.languages.length > 1 && <LanguageTable name={row.protocol.name} lines={row.languages} />}
    </Panel>
  );
}

function HourBars({ line }: { line: BoardLine }) {
  const { t } = useTranslation();
  const format = useFormat();
  const hours = line.answers_by_hour.length;
  const label = t("board.hours_label", { count: hours });
  const bars = line.answers_by_hour.map((count, place) => ({
    key: String(place),
    value: count,
    label: t("board.hour", {
      ago: format.hoursAgo(hours - 1 - place),
      answers: t("board.answers", { count, shown: format.integer(count) }),
    }),
  }));
  return (
    <>
      <DayBars days={bars} label={label} />
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {label}
        </Text>
        {line.answers_per_hour !== null && (
          <Text size="sm">{t("board.pace", { pace: format.tenths(line.answers_per_hour) })}</Text>
        )}
      </Group>
    </>
  );
}
