import { Button, Group, Table, Text, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { Rows } from "@/shared/components/Rows";
import { useFormat } from "@/shared/i18n/useFormat";
import { hoursFile, hoursOptions, type Days } from "./api";

const DAY_MILLISECONDS = 24 * 3600 * 1000;
const DAYS_SHOWN = 30;

/** Active hours by person, and the same by day as a file. */
export function HoursPanel({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [days, setDays] = useState<Days>(lastDays);
  const isRange = days.from !== "" && days.to !== "" && days.from <= days.to;
  const query = useQuery({ ...hoursOptions(projectId, days), enabled: isRange, placeholderData: keepPreviousData });
  const columns = [t("board.person"), t("board.hours.answers"), t("board.hours.skips"), t("board.hours.active")];
  return (
    <Panel title={t("board.hours.title")} description={t("board.hours.detail")}>
      <Group align="flex-end">
        {(["from", "to"] as const).map((name) => (
          <TextInput
            key={name}
            type="date"
            label={t(`board.hours.${name}`)}
            value={days[name]}
            error={!isRange && name === "to" && t("board.hours.not_a_range")}
            onChange={(event) => setDays({ ...days, [name]: event.currentTarget.value })}
          />
        ))}
        <Button
          component="a"
          href={hoursFile(projectId, days)}
          download
          variant="default"
          leftSection={<IconDownload size={16} />}
          data-disabled={!isRange || undefined}
        >
          {t("board.hours.csv")}
        </Button>
      </Group>
      <Rows query={query} label={t("board.hours.title")} columns={columns} empty={<Nobody />}>
        {(person) => (
          <Table.Tr key={person.id}>
            <Table.Td fw={500}>{person.name}</Table.Td>
            <Table.Td>{format.integer(person.answers)}</Table.Td>
            <Table.Td>{format.integer(person.skips)}</Table.Td>
            <Table.Td>{format.duration(person.seconds)}</Table.Td>
          </Table.Tr>
        )}
      </Rows>
    </Panel>
  );
}

function Nobody() {
  const { t } = useTranslation();
  return <Text c="dimmed">{t("board.hours.nobody")}</Text>;
}

function lastDays(): Days {
  const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);
  return { from: dayOf(Date.now() - (DAYS_SHOWN - 1) * DAY_MILLISECONDS), to: dayOf(Date.now()) };
}
