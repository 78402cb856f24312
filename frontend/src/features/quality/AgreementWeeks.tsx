import { Stack, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { LineChart } from "@/shared/components/LineChart";
import { useFormat } from "@/shared/i18n/useFormat";
import type { AgreementReport } from "@/shared/api/types";
import { weekSeries, weekAt } from "./weeks";

const BOUND = "color-mix(in srgb, var(--bennet-series-1) 40%, transparent)";

/** Agreement over time, by the week in which answers came in. One week is no line: nothing is shown. */
export function AgreementWeeks({ weeks }: { weeks: AgreementReport["weeks"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const first = weeks[0];
  if (!first || weeks.length < 2) return null;
  const lines = weekSeries(weeks);
  const series = [
    { name: t("agreement.agreement"), color: "var(--bennet-series-1)", points: lines.value },
    { name: t("agreement.low"), color: BOUND, points: lines.low },
    { name: t("agreement.high"), color: BOUND, points: lines.high },
  ].filter((line) => line.points.length > 0);
  const summary = weeks
    .map((week) => `${format.day(week.week)}: ${format.percent(week.agreement.value ?? 0)}`)
    .join("; ");
  return (
    <Stack gap="xs" component="section">
      <Title order={3}>{t("agreement.weeks")}</Title>
      <LineChart
        label={t("agreement.weeks")}
        xLabel={t("agreement.week_of")}
        xFormat={(place) => format.day(weekAt(first.week, place))}
        yFormat={format.percent}
        series={series}
        summary={summary}
      />
    </Stack>
  );
}
