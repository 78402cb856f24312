import { enterGoesOn } from "@/shared/hooks/keys";
import type { Command } from "@/shared/hooks/commands";

export interface DeskContext {
  canSubmit: boolean;
  /** Enter by itself hands in, where nothing is written and no step comes after. */
  submitsOnEnter: boolean;
  hasGuideline: boolean;
  submit: () => void;
  openSkip: () => void;
  toggleGuideline: () => void;
}

const submit: Command<DeskContext> = {
  name: "submit",
  group: "task",
  keys: ["Mod+Enter"],
  whileTyping: true,
  available: (desk) => desk.canSubmit,
  run: (desk) => desk.submit(),
};
const submitByEnter: Command<DeskContext> = {
  name: "submit_by_enter",
  group: "task",
  keys: ["Enter"],
  available: (desk) => desk.canSubmit && desk.submitsOnEnter && enterGoesOn(),
  // A key held down hands in once.
  run: (desk, event) => {
    if (!event?.repeat) desk.submit();
  },
};
const skip: Command<DeskContext> = { name: "skip", group: "task", keys: ["s"], run: (desk) => desk.openSkip() };
const guideline: Command<DeskContext> = {
  name: "guideline",
  group: "task",
  keys: ["g"],
  available: (desk) => desk.hasGuideline,
  run: (desk) => desk.toggleGuideline(),
};

const all = [submit, skip, guideline] as const;

export const deskCommands = {
  submit,
  skip,
  guideline,
  all,
  withEnter: [submit, submitByEnter, skip, guideline] as const,
};
