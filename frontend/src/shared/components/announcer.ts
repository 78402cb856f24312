import { useSyncExternalStore } from "react";

const SHOWN_MILLISECONDS = 6000;

let message: string | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

/** Tell the person something in passing; it goes away by itself. */
export function announce(text: string | null): void {
  message = text;
  clearTimeout(timer);
  if (text !== null) timer = setTimeout(() => announce(null), SHOWN_MILLISECONDS);
  listeners.forEach((listener) => listener());
}

export function useAnnouncement(): string | null {
  return useSyncExternalStore(subscribe, () => message);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
