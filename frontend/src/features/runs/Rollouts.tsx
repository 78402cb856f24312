import { SimpleGrid, Text } from "@mantine/core";
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

const WATCHED = ["reward", "kl", "sqrt_kl", "length", "entropy", "eos_share", "clip_share"] as const;

/** What a policy's answers are like as it is refined: one small curve for each figure that is watched. */
export function Rollouts({ projectId, run }: { projectId: number; run: Run }) {
  const { t } = useTranslation();
  const format = useFormat();
  const points = useGrowing(pointsOptions(projectId, run.id, run.attempt), !isFinal(run.state));
  const curves = useMemo(
    () =>
      [
        ...WATCHED.map((name) => ({ name, points: valuesOf(points, "rollouts", name) })),
        { name: "gold" as const, points: valuesOf(points, "validation", "gold") },
      ].filter((curve) => curve.points.length > 0),
    [points],
  );
  return (
    <Panel title={t("runs.rollouts.title")}>
      {curves.length === 0 && <Text c="dimmed">{t("runs.rollouts.none")}</Text>}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        {curves.map((curve) => (
          <LineChart
            key={curve.name}
            label={t(`runs.rollouts.${curve.name}`)}
            xLabel={t("runs.step")}
            series={[{ name: t(`runs.rollouts.${curve.name}`), color: "var(--bennet-series-1)", points: curve.points }]}
            summary={`${t(`runs.rollouts.${curve.name}`)}: ${format.decimal(curve.points[0]?.y ?? 0)} → ${format.decimal(curve.points.at(-1)?.y ?? 0)}`}
          />
        ))}
      </SimpleGrid>
    </Panel>
  );
}
