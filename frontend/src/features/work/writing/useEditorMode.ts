import { useState } from "react";
import { useCommands } from "@/shared/hooks/commands";
import { nextMode, writingCommands, type EditorMode } from "./writingCommands";

/** Whether one writes, previews or does both; Ctrl+E goes on to the next. */
export function useEditorMode(start: EditorMode = "write") {
  const [mode, setMode] = useState<EditorMode>(start);
  useCommands(writingCommands, { switchMode: () => setMode(nextMode) });
  return [mode, setMode] as const;
}
