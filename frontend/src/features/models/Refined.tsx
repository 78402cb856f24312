import { Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { LineChart } from "@/shared/components/LineChart";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import { answersOf, endOf, looksOf, optimumOf } from "./refined";

/** What reinforcement learning made of an assistant: its answers before and after, and whether its reward still counts. */
export function Refined({ metrics }: { metrics: Record<string, unknown> }) {
  const { t } = useTranslation();
  const answers = answersOf(metrics);
  return (
    <>
      <Goodhart metrics={metrics} />
      {answers.length > 0 && (
        <Panel title={t("refined.answers")} description={t("refined.answers_detail")}>
          <Table aria-label={t("refined.answers")} verticalSpacing="xs" layout="fixed">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("refined.prompt")}</Table.Th>
                <Table.Th>{t("refined.before")}</Table.Th>
                <Table.Th>{t("refined.after")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {answers.map((one, place) => (
                <Table.Tr key={place} style={{ verticalAlign: "top" }}>
                  {[one.prompt, one.before, one.after].map((text, column) => (
                    <Table.Td key={column} dir="auto" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
                      {text}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Panel>
      )}
    </>
  );
}

function Goodhart({ metrics }: { metrics: Record<string, unknown> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const looks = looksOf(metrics).sort((one, other) => one.d - other.d);
  if (looks.length === 0) return null;
  const optimum = optimumOf(metrics);
  const end = endOf(metrics);
  const series = [
    {
      name: t("runs.rollouts.reward"),
      color: "var(--bennet-series-1)",
      points: looks.map(({ d, proxy }) => ({ x: d, y: proxy })),
    },
    {
      name: t("runs.rollouts.gold"),
      color: "var(--bennet-series-2)",
      points: looks.map(({ d, gold }) => ({ x: d, y: gold })),
    },
  ];
  const said = optimum === null ? t("refined.no_fit") : t("refined.optimum", { d: format.decimal(optimum) });
  return (
    <Panel title={t("refined.goodhart")} description={t("refined.goodhart_detail")}>
      <Stack gap="xs">
        <LineChart
          label={t("refined.goodhart")}
          xLabel={t("refined.distance")}
          series={series}
          summary={said}
          xFormat={format.decimal}
        />
        {end && (
          <Text size="sm">
            {t("refined.stopped", { stopped: format.integer(end.stopped), kept: format.integer(end.kept) })}
          </Text>
        )}
        <Text size="sm">{said}</Text>
      </Stack>
    </Panel>
  );
}
