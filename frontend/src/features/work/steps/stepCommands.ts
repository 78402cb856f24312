import { enterGoesOn } from "@/shared/hooks/keys";
import type { Command } from "@/shared/hooks/commands";
import type { Steps } from "./useSteps";

export type StepContext = Pick<Steps, "next" | "previous" | "go">;

const next: Command<StepContext> = {
  name: "next_step",
  group: "steps",
  keys: ["Enter", "ArrowRight"],
  available: (steps) => steps.next !== undefined && enterGoesOn(),
  run: (steps, event) => {
    if (steps.next !== undefined && !event?.repeat) steps.go(steps.next);
  },
};
const previous: Command<StepContext> = {
  name: "previous_step",
  group: "steps",
  keys: ["Shift+Enter", "ArrowLeft"],
  available: (steps) => steps.previous !== undefined,
  run: (steps) => {
    if (steps.previous !== undefined) steps.go(steps.previous);
  },
};

/** In the last step the arrows walk between the texts. */
const lastPrevious: Command<StepContext> = { ...previous, keys: ["Shift+Enter"] };

export const stepCommands = { next, previous, all: [next, previous] as const, last: [lastPrevious] as const };
