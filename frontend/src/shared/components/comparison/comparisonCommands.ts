import type { Command } from "@/shared/hooks/commands";
import { digitOf } from "@/shared/hooks/keys";
import { stepBeside, type Decision } from "./decision";

export interface ComparisonContext {
  steps: readonly number[];
  decision: Decision;
  allowsTie: boolean;
  canEdit: boolean;
  decide: (decision: number) => void;
  toggleBothBad: () => void;
  startEdit: () => void;
}

type ComparisonCommand = Command<ComparisonContext>;

const byDigit: ComparisonCommand = {
  name: "decide",
  group: "comparison",
  keys: ["1-9"],
  run: (desk, event) => {
    const step = desk.steps[(event ? digitOf(event) : NaN) - 1];
    if (step !== undefined) desk.decide(step);
  },
};
const towardsFirst: ComparisonCommand = {
  name: "towards_first",
  group: "comparison",
  keys: ["ArrowLeft"],
  run: (desk) => desk.decide(stepBeside(desk.steps, desk.decision, -1)),
};
const towardsSecond: ComparisonCommand = {
  name: "towards_second",
  group: "comparison",
  keys: ["ArrowRight"],
  run: (desk) => desk.decide(stepBeside(desk.steps, desk.decision, 1)),
};
const equal: ComparisonCommand = {
  name: "equal",
  group: "comparison",
  keys: ["="],
  available: (desk) => desk.allowsTie,
  run: (desk) => desk.decide(0),
};
const bothBad: ComparisonCommand = {
  name: "both_bad",
  group: "comparison",
  keys: ["b"],
  run: (desk) => desk.toggleBothBad(),
};
const edit: ComparisonCommand = {
  name: "edit_better",
  group: "comparison",
  keys: ["w"],
  available: (desk) => desk.canEdit,
  run: (desk) => desk.startEdit(),
};

const always = [byDigit, towardsFirst, towardsSecond, bothBad] as const;

/** The commands for what the protocol allows. */
export function comparisonCommands(allowsTie: boolean, allowsEdit: boolean): readonly ComparisonCommand[] {
  return [...always, ...(allowsTie ? [equal] : []), ...(allowsEdit ? [edit] : [])];
}

export const decideCommand = byDigit;
export const editCommand = edit;
export const bothBadCommand = bothBad;
