import type { Command } from "@/shared/hooks/commands";

export const EDITOR_MODES = ["write", "both", "preview"] as const;
export type EditorMode = (typeof EDITOR_MODES)[number];

export function nextMode(mode: EditorMode): EditorMode {
  return EDITOR_MODES[(EDITOR_MODES.indexOf(mode) + 1) % EDITOR_MODES.length] ?? "write";
}

export const writingCommands: readonly Command<{ switchMode: () => void }>[] = [
  { name: "switch_preview", group: "writing", keys: ["Mod+e"], whileTyping: true, run: (desk) => desk.switchMode() },
];

export interface PartsContext {
  canAdd: boolean;
  add: () => void;
}

/** One more turn of a conversation, or one more example. */
const addTurn: Command<PartsContext> = {
  name: "add_turn",
  group: "writing",
  keys: ["Mod+Shift+Enter"],
  whileTyping: true,
  available: (parts) => parts.canAdd,
  run: (parts) => parts.add(),
};
const addShot: Command<PartsContext> = { ...addTurn, name: "add_shot" };

export const partCommands = { addTurn, addShot, turns: [addTurn] as const, shots: [addShot] as const };
