import type { Command } from "@/shared/hooks/commands";

export interface DeskContext {
  canSubmit: boolean;
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
const skip: Command<DeskContext> = { name: "skip", group: "task", keys: ["s"], run: (desk) => desk.openSkip() };
const guideline: Command<DeskContext> = {
  name: "guideline",
  group: "task",
  keys: ["g"],
  available: (desk) => desk.hasGuideline,
  run: (desk) => desk.toggleGuideline(),
};

export const deskCommands = { submit, skip, guideline, all: [submit, skip, guideline] as const };
