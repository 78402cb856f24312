import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ImportPreview } from "@/shared/api/types";

const ROWS = 4;

/** The first cells of a table, so that one sees what its columns hold. */
export function TableSample({ table }: { table: NonNullable<ImportPreview["table"]> }) {
  const { t } = useTranslation();
  return (
    <Table.ScrollContainer minWidth={table.names.length * 120} type="native">
      <Table aria-label={t("dry_run.sample")} verticalSpacing={4} withTableBorder>
        <Table.Thead>
          <Table.Tr>
            {table.names.map((name, place) => (
              <Table.Th key={place} fz="sm">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {table.rows.slice(0, ROWS).map((row, line) => (
            <Table.Tr key={line}>
              {row.map((cell, place) => (
                <Table.Td key={place} maw={260}>
                  <Text size="sm" c="dimmed" truncate>
                    {cell}
                  </Text>
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
