import { Group, Select, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DayBars } from "@/shared/components/DayBars";
import { Figures } from "@/shared/components/Figures";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Pace } from "@/shared/api/types";
import { paceOptions, workOptions } from "../api";

/** How today goes beside one's own usual days. Nobody else is in it. */
export function PacePanel() {
  const { t } = useTranslation();
  const [protocol, setProtocol] = useState<string | null>(null);
  const queues = useQuery(workOptions).data?.queues ?? [];
  const query = useQuery({ ...paceOptions(Number(protocol ?? 0)), placeholderData: keepPreviousData });
  const choice = queues.length > 1 && (
    <Select
      aria-label={t("pace.choose")}
      placeholder={t("pace.all")}
      clearable
      size="xs"
      w={240}
      data={queues.map((queue) => ({
        value: String(queue.protocol.id),
        label: `${queue.protocol.name} · ${queue.project.name}`,
      }))}
      value={protocol}
      onChange={setProtocol}
    />
  );
  return (
    <Panel title={t("pace.title")} description={t("pace.detail")} actions={choice}>
      <Loaded query={query} loading={<Loading rows={2} height={64} />}>
        {(pace) => <Days pace={pace} />}
      </Loaded>
    </Panel>
  );
}

function Days({ pace }: { pace: Pace }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { today, usual_answers, usual_per_hour } = pace;
  const beside = (usual: number | null) =>
    usual === null ? {} : { note: t("pace.usually", { usual: format.tenths(usual) }) };
  const figures = [
    { label: t("pace.today"), value: format.integer(today.answers), ...beside(usual_answers) },
    {
      label: t("pace.per_hour"),
      value: today.answers_per_hour === null ? "–" : format.tenths(today.answers_per_hour),
      ...beside(usual_per_hour),
    },
    { label: t("pace.active"), value: format.duration(today.seconds) },
  ];
  const bars = pace.days.map((day) => ({
    key: day.date,
    value: day.answers,
    label: t("pace.day", {
      day: format.day(day.date),
      answers: t("pace.answers", { count: day.answers, shown: format.integer(day.answers) }),
      time: format.duration(day.seconds),
    }),
  }));
  return (
    <Stack gap="lg">
      <Figures figures={figures} />
      <Stack gap={4}>
        <DayBars days={bars} label={t("progress.days_label")} />
        <Group>
          <Text size="sm" c="dimmed">
            {t("progress.days_label")}
          </Text>
        </Group>
      </Stack>
    </Stack>
  );
}
