import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import { SPLITS, type Release } from "@/shared/api/types";

type Counts = NonNullable<Release["counts"]>;

const KINDS = ["demonstrations", "rankings", "judgements"] as const;
/** Told only where they were asked for. */
const ASKED_FOR = ["documents"] as const;

/** Releases that are older than a kind of record say nothing of it. */
const countOf = (splits: Counts["rankings"] | undefined, split: (typeof SPLITS)[number]) => splits?.[split] ?? 0;

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
          {[...KINDS, ...ASKED_FOR.filter((kind) => counts?.[kind])].map((kind) => (
            <Table.Tr key={kind}>
              <Table.Th scope="row" fw={500}>
                {t(`releases.count.${kind}`)}
              </Table.Th>
              {SPLITS.map((split) => (
                <Table.Td key={split} ta="right">
                  {format.integer(countOf(counts?.[kind], split))}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
