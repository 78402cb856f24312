import { Kbd } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { SIDES, useVerdict } from "@/shared/components/answers/useVerdict";
import { useKeysOf } from "@/shared/hooks/chosenKeys";
import { keyParts, passesEnter, keyOfEntry } from "@/shared/hooks/keys";
import { decideCommand } from "./comparisonCommands";
import type { Decision } from "./decision";
import classes from "./PreferenceScale.module.css";

export const SCALE_ID = "scale";

interface Props {
  steps: readonly number[];
  levels: number;
  decision: Decision;
  onDecide: (decision: number) => void;
}

/** Which of two is better, and how much: one row from "A, clearly" to "B, clearly". */
export function PreferenceScale({ steps, levels, decision, onDecide }: Props) {
  const { t } = useTranslation();
  const verdict = useVerdict();
  const keys = useKeysOf(decideCommand);
  const inWords = (step: number) => verdict(step === 0 ? null : SIDES[step < 0 ? 0 : 1], Math.abs(step), levels);
  return (
    <section id={SCALE_ID} tabIndex={-1} aria-label={t("comparison.scale")} className={classes.whole}>
      <div role="group" aria-label={t("comparison.scale")} className={classes.scale} dir="ltr">
        {steps.map((step, index) => {
          const key = keyOfEntry(keys, index + 1);
          const short = step === 0 ? "=" : `${SIDES[step < 0 ? 0 : 1]}${levels > 1 ? Math.abs(step) : ""}`;
          return (
            <button
              key={step}
              type="button"
              className={classes.step}
              aria-pressed={step === decision}
              aria-label={`${short}: ${inWords(step)}`}
              title={inWords(step)}
              onClick={() => onDecide(step)}
              {...passesEnter}
            >
              <span>{short}</span>
              {key && <Kbd size="xs" className={classes.key} data-key={keyParts(key).join(" ")} aria-hidden />}
            </button>
          );
        })}
      </div>
      <div className={classes.ends}>
        <span>{t("comparison.better", { side: "A" })}</span>
        <span role="status">{decision === null ? t("comparison.undecided") : inWords(decision)}</span>
        <span>{t("comparison.better", { side: "B" })}</span>
      </div>
    </section>
  );
}
