import type { ComparisonConfig } from "@/shared/api/protocolConfig";
import type { ComparisonPayload, Edit, Outputs } from "@/shared/api/types";

/** Where a decision stands on the scale: below 0 for the first, above for the second, 0 for a tie; null before it. */
export type Decision = number | null;

/** The steps of the scale from left to right: for three levels -3 … 3, without the 0 where no tie is allowed. */
export function stepsOf({ strength_levels: levels, allow_ties }: ComparisonConfig): number[] {
  const steps = Array.from({ length: 2 * levels + 1 }, (_, index) => index - levels);
  return allow_ties ? steps : steps.filter((step) => step !== 0);
}

/** The step beside this one; from nowhere, the mildest on that side. */
export function stepBeside(steps: readonly number[], at: Decision, by: 1 | -1): number {
  if (at === null) return by;
  return steps[steps.indexOf(at) + by] ?? at;
}

export function decisionOf(draft: Partial<ComparisonPayload>, labels: readonly string[]): Decision {
  const { preferred, strength } = draft;
  if (preferred === undefined || strength === undefined) return null;
  if (preferred === null) return 0;
  return labels.indexOf(preferred) === 0 ? -strength : strength;
}

export const preferredBy = (decision: Decision, labels: readonly string[]): string | null =>
  decision === null || decision === 0 ? null : (labels[decision < 0 ? 0 : 1] ?? null);

/** An edit that was begun and changed nothing says nothing. */
export const isEdited = (edit: Edit | null, items: readonly Shown[]): boolean =>
  edit !== null && edit.text.trim() !== "" && edit.text !== items.find(({ label }) => label === edit.of)?.text;

interface Shown {
  label: string;
  text: string;
}

export interface Judgement {
  decision: Decision;
  bothBad: boolean;
  rationale: string;
  edit: Edit | null;
  outputs: Outputs;
}

/** The answer as it is saved and handed in: only what this configuration asks for. */
export function payloadOf(config: ComparisonConfig, items: readonly Shown[], given: Judgement): ComparisonPayload {
  const { decision, bothBad, rationale, edit, outputs } = given;
  const labels = items.map(({ label }) => label);
  const flags = config.completion_flags;
  return {
    ...(decision !== null && { preferred: preferredBy(decision, labels), strength: Math.abs(decision) }),
    both_bad: bothBad,
    rationale,
    edit: config.allow_edit && isEdited(edit, items) ? edit : null,
    ...(flags.length > 0 && {
      outputs: Object.fromEntries(
        labels.map((label) => [
          label,
          Object.fromEntries(flags.map((name) => [name, outputs[label]?.[name] === true])),
        ]),
      ),
    }),
  };
}

/** What keeps the answer from being handed in. An edit has to be of the better one, and both bad leaves no room for it. */
export type Obstacle = "decision" | "reason" | "edit_of_other" | "edit_of_bad";

export function obstaclesOf(config: ComparisonConfig, items: readonly Shown[], given: Judgement): Obstacle[] {
  const { decision, bothBad, rationale } = given;
  const { edit } = payloadOf(config, items, given);
  const preferred = preferredBy(
    decision,
    items.map(({ label }) => label),
  );
  return [
    ...(decision === null ? (["decision"] as const) : []),
    ...(edit && bothBad ? (["edit_of_bad"] as const) : []),
    ...(edit && !bothBad && preferred !== null && preferred !== edit.of ? (["edit_of_other"] as const) : []),
    ...(config.require_rationale && rationale.trim() === "" ? (["reason"] as const) : []),
  ];
}
