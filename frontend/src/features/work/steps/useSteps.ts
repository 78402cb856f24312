import { useState } from "react";

/** The steps of one task: where one is, and where one has been. */
export function useSteps(steps: readonly string[], start: () => string | undefined) {
  const [step, setStep] = useState(start);
  const at = Math.max(0, steps.indexOf(step ?? ""));
  const [furthest, setFurthest] = useState(at);
  const go = (to: string) => {
    setStep(to);
    setFurthest((before) => Math.max(before, steps.indexOf(to)));
    window.scrollTo({ top: 0 });
  };
  return {
    steps,
    step: steps[at] ?? "",
    next: steps[at + 1],
    previous: steps[at - 1],
    isVisited: (name: string) => steps.indexOf(name) <= furthest,
    go,
  };
}

export type Steps = ReturnType<typeof useSteps>;
