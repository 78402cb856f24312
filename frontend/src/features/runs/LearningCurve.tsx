import { Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { boughtBy } from "@/shared/api/forecast";
import { isFinal } from "@/shared/api/live";
import { JobProgress } from "@/shared/components/JobProgress";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { useFormat } from "@/shared/i18n/useFormat";
import type { LearningCurve as Curve, LearningCurveFound } from "@/shared/api/types";
import { cancelCurve, curvesOptions, orderCurve, retryCurve, type NewRun } from "./api";
import { CurvePlot } from "./CurvePlot";

const MOST_SEEDS = 5;
const AHEAD = 1000;

interface Props {
  projectId: number;
  release: number | undefined;
  stage: string;
  /** What the form would order now; null while it is not whole. */
  order: NewRun | null;
}

/** What a stage reaches on an eighth, a quarter, a half and all of a release, and what more of it would buy. */
export function LearningCurve({ projectId, release, stage, order }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const options = curvesOptions(projectId, release ?? 0);
  const query = useQuery({ ...options, enabled: release !== undefined });
  const row = query.data?.find((one) => one.stage === stage);
  const [seeds, setSeeds] = useState(1);
  const change = useMutation({
    mutationFn: (verb: () => Promise<Curve>) => verb(),
    onSettled: () => queries.invalidateQueries({ queryKey: options.queryKey }),
  });
  const isLive = row !== undefined && !isFinal(row.state);
  return (
    <Panel
      title={t("curve.title")}
      description={t("curve.detail")}
      actions={
        <Group gap="sm" align="end">
          {isLive ? (
            <Button
              variant="default"
              loading={change.isPending}
              onClick={() => change.mutate(() => cancelCurve(projectId, row.id))}
            >
              {t("curve.cancel")}
            </Button>
          ) : (
            <>
              <NumberInput
                label={t("curve.seeds")}
                value={seeds}
                min={1}
                max={MOST_SEEDS}
                w={150}
                allowDecimal={false}
                onChange={(value) => setSeeds(typeof value === "number" ? value : 1)}
              />
              {row && row.state !== "done" && (
                <Button
                  variant="default"
                  loading={change.isPending}
                  onClick={() => change.mutate(() => retryCurve(projectId, row.id))}
                >
                  {t("curve.go_on")}
                </Button>
              )}
              <Button
                variant="default"
                loading={change.isPending}
                disabled={order === null}
                onClick={() => order && change.mutate(() => orderCurve(projectId, { ...order, seeds }))}
              >
                {t("curve.submit")}
              </Button>
            </>
          )}
        </Group>
      }
    >
      <ProblemNotice error={change.error ?? query.error} />
      {row && !(row.state === "done") && (
        <JobProgress
          state={row.state}
          done={row.progress_done}
          total={row.progress_total}
          detail={t("curve.progress", { done: row.progress_done, total: row.progress_total })}
        />
      )}
      {row?.error && (
        <Text c="red" role="alert" style={{ whiteSpace: "pre-wrap" }}>
          {row.error}
        </Text>
      )}
      {row?.found && <Found found={row.found} isDone={row.state === "done"} />}
    </Panel>
  );
}

function Found({ found, isDone }: { found: LearningCurveFound; isDone: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const isShare = found.measure === "accuracy";
  const write = isShare ? format.percent : format.decimal;
  const bought = boughtBy(found);
  const gain = (value: number) => (isShare ? format.tenths(value * 100) : format.about(value));
  const summary = found.points
    .map((point) => t("curve.point", { judgements: format.integer(point.judgements), value: write(point.value) }))
    .join("; ");
  return (
    <Stack gap="sm">
      <CurvePlot
        label={t(`curve.measure.${found.measure}`)}
        summary={summary}
        found={found}
        ahead={AHEAD}
        write={write}
      />
      <Text size="sm" c="dimmed">
        {t(`curve.measure.${found.measure}`)}
      </Text>
      {isDone && (
        <Text fw={600} role="status">
          {bought
            ? t(`curve.bought.${found.measure}`, {
                more: format.integer(bought.more),
                gain: gain(bought.gain),
                low: gain(bought.low),
                high: gain(bought.high),
              })
            : t("curve.unsure")}
        </Text>
      )}
    </Stack>
  );
}
