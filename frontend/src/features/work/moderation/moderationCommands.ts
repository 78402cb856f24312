import type { Command } from "@/shared/hooks/commands";
import { digitOf } from "@/shared/hooks/keys";
import type { Verdict } from "./verdicts";

export interface ModerationContext {
  say: (verdict: Verdict) => void;
  restNo: () => void;
  move: (by: number) => void;
  /** How bad the chosen category is; null where that is not asked, or it does not hold. */
  rate: ((severity: number) => void) | null;
  toggle: () => void;
  tooMuch: () => void;
}

type ModerationCommand = Command<ModerationContext>;

const yes: ModerationCommand = { name: "verdict_yes", group: "rating", keys: ["y"], run: ({ say }) => say("yes") };
const no: ModerationCommand = { name: "verdict_no", group: "rating", keys: ["n"], run: ({ say }) => say("no") };
const unknown: ModerationCommand = {
  name: "verdict_unknown",
  group: "rating",
  keys: ["u"],
  run: ({ say }) => say("unknown"),
};
const restNo: ModerationCommand = { name: "rest_no", group: "rating", keys: ["Shift+N"], run: (desk) => desk.restNo() };
const above: ModerationCommand = {
  name: "previous_category",
  group: "rating",
  keys: ["ArrowUp"],
  run: ({ move }) => move(-1),
};
const below: ModerationCommand = {
  name: "next_category",
  group: "rating",
  keys: ["ArrowDown"],
  run: ({ move }) => move(1),
};
const severity: ModerationCommand = {
  name: "severity",
  group: "rating",
  keys: ["1-9"],
  available: ({ rate }) => rate !== null,
  run: ({ rate }, event) => {
    const value = event ? digitOf(event) : NaN;
    if (value <= 3) rate?.(value);
  },
};
const reveal: ModerationCommand = { name: "reveal", group: "reading", keys: ["v"], run: (desk) => desk.toggle() };
const tooMuch: ModerationCommand = { name: "too_much", group: "task", keys: ["x"], run: (desk) => desk.tooMuch() };

const all = [yes, no, unknown, restNo, above, below, severity, reveal, tooMuch] as const;

export const moderationCommands = { yes, no, unknown, restNo, reveal, tooMuch, all };
