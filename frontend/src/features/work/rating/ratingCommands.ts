import type { Command } from "@/shared/hooks/commands";
import { digitOf, CHOICE_KEYS } from "@/shared/hooks/keys";

/** The keys of flags, in the order of the flags. Left out: what the desk itself listens for (s skips, g opens the guideline, n goes to the reason, p folds the prompt). */
export const FLAG_KEYS: readonly string[] = "q w e r t y u i o a d f h j k l z x c v b m".split(" ");

export interface RatingContext {
  /** How many steps the scale has; 0: nothing is rated. */
  scale: number;
  rate: (value: number) => void;
  flags: readonly string[];
  toggle: (flag: string) => void;
}

const rate: Command<RatingContext> = {
  name: "rate",
  group: "rating",
  keys: ["1-9"],
  available: (rating) => rating.scale > 0,
  run: (rating, event) => {
    const value = event ? digitOf(event) : NaN;
    if (value <= rating.scale) rating.rate(value);
  },
};

/** The commands for so many flags: each has a letter. */
export function ratingCommands(flags: number): readonly Command<RatingContext>[] {
  return flags === 0 ? [rate] : [rate, toggleFlag(flags)];
}

function toggleFlag(flags: number): Command<Pick<RatingContext, "flags" | "toggle">> {
  return {
    name: "flag",
    group: "rating",
    keys: FLAG_KEYS.slice(0, flags),
    isSeries: true,
    run: (rating, event) => {
      const flag = rating.flags[FLAG_KEYS.indexOf(event?.key.toLowerCase() ?? "")];
      if (flag !== undefined) rating.toggle(flag);
    },
  };
}

export interface ChoiceContext {
  options: readonly string[];
  choose: (name: string) => void;
  flags: readonly string[];
  toggle: (flag: string) => void;
}

const choose: Command<ChoiceContext> = {
  name: "choose",
  group: "rating",
  keys: CHOICE_KEYS,
  available: (list) => list.options.length > 0,
  run: (list, event) => {
    const digit = event ? digitOf(event) : NaN;
    const option = list.options[event?.key === "0" ? 9 : digit - 1];
    if (option !== undefined) list.choose(option);
  },
};

/** The commands of a list to choose from, with so many flags beside it. */
export function choiceCommands(flags: number): readonly Command<ChoiceContext>[] {
  return flags === 0 ? [choose] : [choose, toggleFlag(flags)];
}
