import type { RunOptions } from "@/shared/api/types";

export type Field = RunOptions["stages"][number]["fields"][number];
export type StageName = RunOptions["stages"][number]["stage"];
export type Values = Record<string, number | string | boolean>;

/** What differs from the defaults: the server fills in the rest, so a changed default reaches old forms too. */
export function changedConfig(fields: readonly Field[], values: Values): Record<string, unknown> {
  const changed = fields.filter(
    (field) => field.name in values && values[field.name] !== "" && values[field.name] !== field.default,
  );
  return Object.fromEntries(changed.map((field) => [field.name, values[field.name]]));
}

/** Of a stage with one dial, what is shown first; the rest follows from it. */
const DIAL: Partial<Record<StageName, readonly string[]>> = {
  pretrain: ["depth", "rounds", "tokenizer", "prompt", "seed"],
  rl: [
    "algorithm",
    "rounds",
    "prompts_per_round",
    "samples",
    "max_new_tokens",
    "learning_rate",
    "kl_coefficient",
    "seed",
  ],
  moderation: ["false_positive_rate", "epochs", "seed"],
};

export function shownFields(
  stage: StageName,
  fields: readonly Field[],
  isWhole: boolean,
  isJudged = false,
): readonly Field[] {
  const dial = DIAL[stage];
  if (dial && !isWhole) return fields.filter((field) => dial.includes(field.name));
  // What is set for a reward model that chooses says nothing without one.
  return fields.filter((field) => isJudged || !field.name.startsWith("judge_"));
}

/** Stages that go on from a model which answers people. */
export const refines = (stage: StageName): boolean => stage === "rl" || stage === "dpo";

/** Stages whose tokens can be looked at before. */
export const isPreviewed = (stage: StageName): boolean => stage === "pretrain" || stage === "sft" || stage === "reward";

export const hasDial = (stage: StageName): boolean => stage in DIAL;

export const usualStart = (stage: StageName): string => (stage === "moderation" ? "preset:ngrams" : "preset:small");
