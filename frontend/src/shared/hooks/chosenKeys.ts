import { useSyncExternalStore } from "react";
import type { Key } from "./keys";

/** The keys that the signed-in person has chosen, by command; a command not named has the keys it comes with. */
export type ChosenKeys = Readonly<Record<string, readonly Key[]>>;

interface Named {
  name: string;
  keys: readonly Key[];
}

let chosen: ChosenKeys = {};
const listeners = new Set<() => void>();

export function chooseKeys(keys: ChosenKeys): void {
  chosen = keys;
  listeners.forEach((listener) => listener());
}

export const chosenKeys = (): ChosenKeys => chosen;

export function keysOf({ name, keys }: Named): readonly Key[] {
  return chosen[name] ?? keys;
}

export function useChosenKeys(): ChosenKeys {
  return useSyncExternalStore(subscribe, chosenKeys);
}

export function useKeysOf(command: Named): readonly Key[] {
  useChosenKeys();
  return keysOf(command);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
