import { useState } from "react";
import { useCommands, type Command } from "@/shared/hooks/commands";

const commands: readonly Command<() => void>[] = [
  { name: "fold_prompt", group: "reading", keys: ["p"], run: (toggle) => toggle() },
];

/** Fold the prompt away where nothing else is to be walked through. */
export function usePromptFold() {
  const [isFolded, setFolded] = useState(false);
  const toggle = () => setFolded((folded) => !folded);
  useCommands(commands, toggle);
  return { isFolded, toggle };
}
