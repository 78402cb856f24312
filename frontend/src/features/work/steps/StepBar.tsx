import { IconCheck } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import classes from "./StepBar.module.css";
import type { Steps } from "./useSteps";

interface Props {
  steps: Steps;
  /** What a step is called on the bar, and in full. */
  nameOf: (step: string) => { short: string; full: string };
  isDone: (step: string) => boolean;
}

/** Where one is in a task of several steps. Each can be visited again. */
export function StepBar({ steps, nameOf, isDone }: Props) {
  const { t } = useTranslation();
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    const current = bar.current?.querySelector("[aria-current=step]");
    current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [steps.step]);
  return (
    <nav ref={bar} aria-label={t("steps.label")} className={classes.bar}>
      <ol className={classes.steps}>
        {steps.steps.map((step) => {
          const { short, full } = nameOf(step);
          const done = isDone(step);
          return (
            <li key={step}>
              <button
                type="button"
                className={classes.step}
                aria-current={step === steps.step ? "step" : undefined}
                data-done={done || undefined}
                aria-label={done ? t("steps.done", { step: full }) : full}
                onClick={() => steps.go(step)}
              >
                {short}
                {done && <IconCheck size={13} stroke={2.5} aria-hidden />}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
