import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import classes from "./AccuracyBars.module.css";
import type { Judging } from "./judging";
import type { Interval, RewardResult } from "./modelMetrics";

/** A reward model's accuracy beside how far people agree, and what costs nothing: picking the longer one, and chance. */
export function AccuracyBars({ result, judging }: { result: RewardResult; judging: Judging | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const names: Record<string, string> = { longer_wins: t("models.longer_wins"), random: t("models.random") };
  const rows = [
    ...(judging?.ceiling
      ? [
          {
            name: t("judging.people"),
            result: { ...judging.ceiling, accuracy: judging.ceiling.agreement },
            isModel: false,
          },
        ]
      : []),
    { name: t("models.this_model"), result: result.model, isModel: true },
    ...(judging?.heldOut && judging.inFold
      ? [
          { name: t("judging.in_fold"), result: judging.inFold, isModel: true },
          { name: t("judging.held_out"), result: judging.heldOut, isModel: true },
        ]
      : []),
    ...result.baselines.map((baseline) => ({
      name: names[baseline.name] ?? baseline.name,
      result: baseline.result,
      isModel: false,
    })),
  ];
  return (
    <div>
      <dl className={classes.rows}>
        {rows.map((row) => (
          <div key={row.name} className={classes.row}>
            <Text component="dt" size="sm" fw={row.isModel ? 600 : 400}>
              {row.name}
            </Text>
            <dd className={classes.track}>
              <Bar result={row.result} isModel={row.isModel} />
            </dd>
            <dd className={classes.value}>
              <b>{format.percent(row.result.accuracy)}</b>
              {hasWidth(row.result) && (
                <Text span size="sm" c="dimmed">
                  {" "}
                  {format.percent(row.result.low)} – {format.percent(row.result.high)}
                </Text>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <Text size="sm" c="dimmed" mt="sm">
        {t("models.interval_note", {
          pairs: format.integer(result.pairs ?? 0),
          rankings: format.integer(result.rankings ?? 0),
        })}
      </Text>
      {judging && <Notes judging={judging} />}
    </div>
  );
}

/** What the bars cannot show: what nobody measured, and what a score of 0 means. */
function Notes({ judging }: { judging: Judging }) {
  const { t } = useTranslation();
  const format = useFormat();
  const notes = [
    judging.ceiling
      ? t("judging.people_note", { tasks: format.integer(judging.ceiling.tasks) })
      : t("judging.people_unknown"),
    ...(judging.heldOut ? [] : [t("judging.held_out_unknown")]),
    judging.demonstrations
      ? t("judging.centred", { demonstrations: format.integer(judging.demonstrations) })
      : t("judging.not_centred"),
  ];
  return notes.map((note) => (
    <Text key={note} size="sm" c="dimmed" mt={4}>
      {note}
    </Text>
  ));
}

/** Chance is known exactly: its interval is a point and is not drawn. */
function hasWidth(result: Interval): result is Required<Interval> {
  return result.low !== undefined && result.high !== undefined && result.low < result.high;
}

function Bar({ result, isModel }: { result: Interval; isModel: boolean }) {
  const percent = (share: number) => `${share * 100}%`;
  return (
    <>
      <span className={classes.bar} data-model={isModel || undefined} style={{ width: percent(result.accuracy) }} />
      {hasWidth(result) && (
        <span
          className={classes.interval}
          style={{ left: percent(result.low), width: percent(result.high - result.low) }}
        />
      )}
    </>
  );
}
