import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import type { BoardLine } from "@/shared/api/types";

const COUNTS = ["open", "done", "in_flight", "expiring"] as const;

/** A protocol's lines, one a language. */
export function LanguageTable({ name, lines }: { name: string; lines: readonly BoardLine[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns = [...COUNTS.map((count) => t(`board.${count}`)), t("board.per_hour"), t("board.left")];
  return (
    <Table.ScrollContainer minWidth={620} type="native">
      <Table aria-label={t("board.by_language", { name })} verticalSpacing={8}>
        <Table.Thead>
          <Table.Tr>
            {[t("board.language"), ...columns].map((column, place) => (
              <Table.Th key={column} c="dimmed" fw={500} fz="sm" ta={place === 0 ? "left" : "right"}>
                {column}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody style={{ fontVariantNumeric: "tabular-nums" }}>
          {lines.map((line) => (
            <Table.Tr key={line.language}>
              <Table.Th scope="row" fw={500}>
                {line.language ? format.language(line.language) : t("board.unnamed")}
              </Table.Th>
              {COUNTS.map((count) => (
                <Table.Td key={count} ta="right">
                  {format.integer(line[count])}
                </Table.Td>
              ))}
              <Table.Td ta="right">
                {line.answers_per_hour === null ? "–" : format.tenths(line.answers_per_hour)}
              </Table.Td>
              <Table.Td ta="right">{line.seconds_left === null ? "–" : format.span(line.seconds_left)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
