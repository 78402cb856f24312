import type { Command } from "@/shared/hooks/commands";

export const EDITOR_MODES = ["write", "both", "preview"] as const;
export type EditorMode = (typeof EDITOR_MODES)[number];

export function nextMode(mode: EditorMode): EditorMode {
  return EDITOR_MODES[(EDITOR_MODES.indexOf(mode) + 1) % EDITOR_MODES.length] ?? "write";
}

export const writingCommands: readonly Command<{ switchMode: () => void }>[] = [
  { name: "switch_preview", group: "writing", keys: ["Mod+e"], whileTyping: true, run: (desk) => desk.switchMode() },
];
