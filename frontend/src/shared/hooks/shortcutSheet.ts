import { useSyncExternalStore } from "react";
import type { CommandGroup, CommandName } from "./commands";
import type { Key } from "./keys";

export interface Shortcut {
  name: CommandName;
  group: CommandGroup;
  keys: readonly Key[];
  whileTyping?: boolean;
  isSeries?: boolean;
}

let shown: readonly (readonly Shortcut[])[] = [];
const listeners = new Set<() => void>();

function change(next: typeof shown): void {
  shown = next;
  listeners.forEach((listener) => listener());
}

/** Put a table on the help sheet; returns the way to take it off. */
export function showShortcuts(table: readonly Shortcut[]): () => void {
  change([...shown, table]);
  return () => change(shown.filter((other) => other !== table));
}

export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(subscribe, () => shown).flat();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
