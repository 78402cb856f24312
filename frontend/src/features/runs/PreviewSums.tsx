import { Alert, List, Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { DayBars } from "@/shared/components/DayBars";
import { Figures } from "@/shared/components/Figures";
import { useFormat } from "@/shared/i18n/useFormat";
import { SPLITS, type RunPreviewFound, type Stage } from "@/shared/api/types";
import { reasonsOf } from "./previewReasons";

const COLUMNS = ["records", "used", "truncated", "repeated", "tokens", "trained", "longest"] as const;

/** What becomes of a release's records, by reason, and how long those are that are learned. */
export function PreviewSums({ stage, found }: { stage: Stage; found: RunPreviewFound }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { train } = found.splits;
  const share = (part: number, of: number) => format.percent(part / Math.max(of, 1));
  const reasons = reasonsOf(train.counts, t, format);
  const figures = [
    { label: t("run_preview.learned_rows"), value: format.integer(train.rows) },
    { label: t("run_preview.tokens"), value: format.integer(train.tokens) },
    {
      label: t(stage === "reward" ? "run_preview.scored_tokens" : "run_preview.trained_tokens"),
      value: format.integer(train.trained_tokens),
      note: share(train.trained_tokens, train.tokens),
    },
    {
      label: t("run_preview.longest"),
      value: format.integer(train.longest),
      note: t("run_preview.median", { tokens: format.integer(train.median) }),
    },
    { label: t("run_preview.vocabulary"), value: format.integer(found.vocabulary) },
  ];
  return (
    <Stack gap="lg">
      {found.warnings.length > 0 && (
        <Alert color="yellow" title={t("run_preview.look")}>
          <List size="sm">
            {found.warnings.map(({ warning, number, of }) => (
              <List.Item key={warning}>
                {t(`run_preview.warning.${warning}`, {
                  number: format.integer(number),
                  of: format.integer(of),
                  share: share(number, of),
                })}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Figures figures={figures} />
      <Table.ScrollContainer minWidth={560} type="native">
        <Table aria-label={t("run_preview.splits")} verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th />
              {COLUMNS.map((column) => (
                <Table.Th key={column} c="dimmed" fw={500} fz="sm" ta="right">
                  {t(`run_preview.column.${column}`)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody style={{ fontVariantNumeric: "tabular-nums" }}>
            {SPLITS.map((split) => {
              const said = found.splits[split];
              const cells = [
                format.integer(said.counts.rows_in),
                format.integer(said.counts.rows_used),
                format.integer(said.counts.truncated),
                format.integer(said.repeated),
                format.integer(said.tokens),
                share(said.trained_tokens, said.tokens),
                format.integer(said.longest),
              ];
              return (
                <Table.Tr key={split}>
                  <Table.Th scope="row" fw={500}>
                    {t(`split.${split}`)}
                  </Table.Th>
                  {COLUMNS.map((column, place) => (
                    <Table.Td key={column} ta="right">
                      {cells[place]}
                    </Table.Td>
                  ))}
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {reasons.length > 0 && (
        <Text size="sm">
          {t("run_preview.of_training")} {format.list(reasons)}.
        </Text>
      )}
      {found.judging && (
        <Text size="sm">
          {t("run_preview.judging", {
            looks: format.integer(found.judging.looks),
            answers: format.integer(found.judging.answers),
            tokens: format.integer(found.judging.tokens),
          })}
        </Text>
      )}
      {stage !== "pretrain" && train.lengths.length > 1 && (
        <div>
          <Text size="sm" c="dimmed" mb={4}>
            {t("run_preview.lengths")}
          </Text>
          <DayBars
            label={t("run_preview.lengths")}
            days={train.lengths.map(({ to, rows }) => ({
              key: String(to),
              value: rows,
              label: t("run_preview.length", { to: format.integer(to), rows: format.integer(rows) }),
            }))}
          />
        </div>
      )}
    </Stack>
  );
}
