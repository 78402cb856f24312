import { useState } from "react";
import type { RankingPayload } from "@/shared/api/types";
import { QUALITY, type Ratings } from "./rankingSteps";

/** What is said of the prompt and of each completion, beginning with the draft. */
export function useRatings(draft: Partial<RankingPayload>) {
  const [ratings, setRatings] = useState<Ratings>(() => ({
    promptFlags: draft.prompt_flags ?? {},
    useCase: draft.use_case ?? "",
    outputs: draft.outputs ?? {},
  }));
  const change = (label: string, name: string, value: (before: number | boolean | undefined) => number | boolean) =>
    setRatings((before) => {
      const facts = before.outputs[label] ?? {};
      return { ...before, outputs: { ...before.outputs, [label]: { ...facts, [name]: value(facts[name]) } } };
    });
  return {
    ratings,
    chooseUseCase: (useCase: string) => setRatings((before) => ({ ...before, useCase })),
    togglePromptFlag: (name: string) =>
      setRatings((before) => ({
        ...before,
        promptFlags: { ...before.promptFlags, [name]: !before.promptFlags[name] },
      })),
    rate: (label: string, quality: number) => change(label, QUALITY, () => quality),
    toggleFlag: (label: string, name: string) => change(label, name, (isRaised) => isRaised !== true),
  };
}

export type RatingState = ReturnType<typeof useRatings>;
