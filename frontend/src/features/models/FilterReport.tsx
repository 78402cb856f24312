import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useCategoryName } from "@/shared/components/answers/useCategoryName";
import { Figures } from "@/shared/components/Figures";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Bounded, CategoryFigures, Filtering } from "./filtering";

const FIGURES = ["auprc", "f1", "fpr", "recall"] as const;

/** What a filter finds of what people named, and how often it cries wolf. */
export function FilterReport({ report }: { report: Filtering }) {
  const { t } = useTranslation();
  const format = useFormat();
  const named = useCategoryName();
  return (
    <Panel title={t("filtering.title")} description={t("filtering.detail")}>
      {report.categories.length === 0 ? (
        <Text c="dimmed">{t("models.no_metrics")}</Text>
      ) : (
        <>
          <Figures
            figures={[
              { label: t("filtering.mean"), value: report.mean === null ? "–" : format.fixed(report.mean) },
              { label: t("filtering.texts"), value: format.integer(report.texts) },
            ]}
          />
          <CategoryTable rows={report.categories} />
        </>
      )}
      {report.unlearned.length > 0 && (
        <Text size="sm" c="dimmed" mt="md">
          {t("filtering.unlearned", { names: report.unlearned.map(named).join(", ") })}
        </Text>
      )}
    </Panel>
  );
}

function CategoryTable({ rows }: { rows: readonly CategoryFigures[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const named = useCategoryName();
  return (
    <Table.ScrollContainer minWidth={760} type="native">
      <Table aria-label={t("filtering.title")} verticalSpacing="xs" style={{ fontVariantNumeric: "tabular-nums" }}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("filtering.category")}</Table.Th>
            {FIGURES.map((name) => (
              <Table.Th key={name}>{t(`filtering.${name}`)}</Table.Th>
            ))}
            <Table.Th>{t("filtering.threshold")}</Table.Th>
            <Table.Th>{t("filtering.counts")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.category}>
              <Table.Th scope="row" fw={500}>
                {named(row.category)}
              </Table.Th>
              {FIGURES.map((name) => (
                <Table.Td key={name}>
                  <Figure figure={row[name]} isShare={name === "fpr" || name === "recall"} />
                  {name === "auprc" && row.random !== null && (
                    <Text size="xs" c="dimmed">
                      {t("filtering.random", { value: format.fixed(row.random) })}
                    </Text>
                  )}
                </Table.Td>
              ))}
              <Table.Td>{row.threshold === null ? "–" : format.fixed(row.threshold)}</Table.Td>
              <Table.Td>
                {format.integer(row.positives)} · {format.integer(row.negatives)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Figure({ figure, isShare }: { figure: Bounded | null; isShare: boolean }) {
  const format = useFormat();
  const shown = isShare ? format.percent : format.fixed;
  if (figure === null) return "–";
  return (
    <>
      {shown(figure.value)}
      {figure.low !== null && figure.high !== null && (
        <Text size="xs" c="dimmed">
          {shown(figure.low)} – {shown(figure.high)}
        </Text>
      )}
    </>
  );
}
