import { Skeleton, Text } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { isFinal } from "@/shared/api/live";
import { LineChart } from "@/shared/components/LineChart";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Run } from "@/shared/api/types";
import { pointsOptions } from "./api";
import { valuesOf } from "./metricValues";
import { useGrowing } from "./useGrowing";

interface Props {
  projectId: number;
  run: Run;
}

const COLORS = { train: "var(--bennet-series-1)", validation: "var(--bennet-series-2)" } as const;

export function LossCurve({ projectId, run }: Props) {
  const isLive = !isFinal(run.state);
  const { t } = useTranslation();
  const format = useFormat();
  const points = useGrowing(pointsOptions(projectId, run.id, run.attempt), isLive);
  const series = useMemo(
    () =>
      (["train", "validation"] as const)
        .map((split) => ({
          name: t(`runs.loss.${split}`),
          color: COLORS[split],
          points: valuesOf(points, split, "loss"),
        }))
        .filter((one) => one.points.length > 0),
    [points, t],
  );
  // A policy's own reward is shown with all else that is watched of it.
  const scores = useMemo(
    () => (run.stage === "rl" ? [] : valuesOf(points, "validation", "reward")),
    [points, run.stage],
  );
  const summary = series
    .map(
      (one) => `${one.name}: ${format.decimal(one.points[0]?.y ?? 0)} → ${format.decimal(one.points.at(-1)?.y ?? 0)}`,
    )
    .join("; ");
  return (
    <Panel title={t("runs.loss.title")}>
      {series.length > 0 ? (
        <LineChart label={t("runs.loss.title")} xLabel={t("runs.step")} series={series} summary={summary} />
      ) : isLive ? (
        <Skeleton height={292} radius="md" />
      ) : (
        <Text c="dimmed">{t("runs.loss.none")}</Text>
      )}
      {scores.length > 0 && (
        <LineChart
          label={t("runs.reward")}
          xLabel={t("runs.step")}
          series={[{ name: t("runs.reward"), color: COLORS.validation, points: scores }]}
          summary={t("runs.reward_summary", {
            first: format.decimal(scores[0]?.y ?? 0),
            last: format.decimal(scores.at(-1)?.y ?? 0),
          })}
        />
      )}
    </Panel>
  );
}
