import { Code, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import type { ImportPreview } from "@/shared/api/types";

type Row = ImportPreview["left_out"][number];

/** The line of a row that is left out, its field, why, and how it begins. */
export function LeftOutCells({ row }: { row: Row }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table.Tr>
      <Table.Td>{format.integer(row.line)}</Table.Td>
      <Table.Td>{row.field && <Code>{row.field}</Code>}</Table.Td>
      <Table.Td maw={320}>
        <Text size="sm">
          {row.is_skipped ? t("dry_run.skipped", { reason: row.reason }) : row.message || row.reason}
        </Text>
      </Table.Td>
      <Table.Td maw={320}>
        <Text size="sm" c="dimmed" ff="monospace" truncate title={row.excerpt}>
          {row.excerpt}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}

export const LEFT_OUT_COLUMNS = ["line", "field", "reason", "excerpt"] as const;

export function LeftOutTable({ rows }: { rows: readonly Row[] }) {
  const { t } = useTranslation();
  return (
    <Table.ScrollContainer minWidth={440} type="native">
      <Table aria-label={t("dry_run.left_out_here")} verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            {LEFT_OUT_COLUMNS.map((column) => (
              <Table.Th key={column} c="dimmed" fw={500} fz="sm">
                {t(`imports.column.${column}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, place) => (
            <LeftOutCells key={place} row={row} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
