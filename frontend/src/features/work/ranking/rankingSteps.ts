import type { RankingConfig } from "@/shared/api/protocolConfig";
import type { Flags, OutputFacts, Outputs, RankingPayload } from "@/shared/api/types";
import type { Board, Label } from "./ranking";

/** Beside these two, each completion that is rated by itself is a step, called by its label. */
export const PROMPT_STEP = "prompt";
export const RANKING_STEP = "ranking";
export const QUALITY = "overall_quality";

/** What is said of the prompt and of each completion before the ranking. */
export interface Ratings {
  promptFlags: Flags;
  useCase: string;
  outputs: Outputs;
}

/** The steps that a configuration asks for, in their order. */
export function stepsOf(config: RankingConfig, labels: readonly Label[]): string[] {
  const asksOfPrompt = config.prompt_flags.length > 0 || config.use_cases.length > 0;
  const asksOfOutputs = config.rating_scale > 0 || config.completion_flags.length > 0;
  return [...(asksOfPrompt ? [PROMPT_STEP] : []), ...(asksOfOutputs ? labels : []), RANKING_STEP];
}

/** Whether a step has all that the configuration requires. */
export function isComplete(step: string, config: RankingConfig, ratings: Ratings, rationale: string): boolean {
  if (step === PROMPT_STEP) return config.use_cases.length === 0 || ratings.useCase !== "";
  if (step === RANKING_STEP) return !config.require_rationale || rationale.trim() !== "";
  return config.rating_scale === 0 || typeof ratings.outputs[step]?.[QUALITY] === "number";
}

/** The answer as it is saved and handed in: only what this configuration asks for. */
export function payloadOf(
  config: RankingConfig,
  labels: readonly Label[],
  { tiers, allBad }: Board,
  ratings: Ratings,
  rationale: string,
): RankingPayload {
  const asked = stepsOf(config, labels);
  return {
    tiers: tiers.map((tier) => [...tier]),
    all_bad: allBad,
    rationale,
    ...(config.prompt_flags.length > 0 && { prompt_flags: flagsOf(config.prompt_flags, ratings.promptFlags) }),
    ...(config.use_cases.length > 0 && { use_case: ratings.useCase }),
    ...(labels.some((label) => asked.includes(label)) && {
      outputs: Object.fromEntries(labels.map((label) => [label, factsOf(config, ratings.outputs[label])])),
    }),
  };
}

/** Every flag there is, with its value: one never touched is not raised. */
const flagsOf = (names: readonly string[], values: Readonly<Record<string, unknown>>): Flags =>
  Object.fromEntries(names.map((name) => [name, values[name] === true]));

function factsOf(config: RankingConfig, facts: OutputFacts = {}): OutputFacts {
  const quality = facts[QUALITY];
  const flags = flagsOf(config.completion_flags, facts);
  return config.rating_scale > 0 && typeof quality === "number" ? { [QUALITY]: quality, ...flags } : flags;
}
