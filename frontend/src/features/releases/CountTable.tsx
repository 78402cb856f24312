import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import { SPLITS, type Release } from "@/shared/api/types";

const KINDS = ["demonstrations", "rankings"] as const;

/** Records by kind and split. */
export function CountTable({ counts }: { counts: Release["counts"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table.ScrollContainer minWidth={380} type="native">
      <Table aria-label={t("releases.records")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th />
            {SPLITS.map((split) => (
              <Table.Th key={split} ta="right" fw={500} c="dimmed">
                {t(`split.${split}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {KINDS.map((kind) => (
            <Table.Tr key={kind}>
              <Table.Th scope="row" fw={500}>
                {t(`imports.count.${kind}`)}
              </Table.Th>
              {SPLITS.map((split) => (
                <Table.Td key={split} ta="right">
                  {format.integer(counts?.[kind][split] ?? 0)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
