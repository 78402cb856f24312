/**
 * JSON kept in this browser. localStorage, because it is written in the same turn as the key that caused it: neither a
 * crash nor a reload comes between, and a page that goes away need not wait. Every tab sees it. A browser that refuses,
 * or is full, makes `writeCopy` false; nothing here throws.
 */
export function readCopy(name: string): unknown {
  try {
    const text = localStorage.getItem(name);
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

export function writeCopy(name: string, value: unknown): boolean {
  try {
    localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function dropCopy(name: string): void {
  try {
    localStorage.removeItem(name);
  } catch {
    // A browser that keeps nothing has nothing to drop.
  }
}

export function copyNames(prefix: string): string[] {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}

/** Hear of copies that another tab wrote or dropped; returns the way to stop. */
export function onCopies(prefix: string, hear: (name: string) => void): () => void {
  const listener = ({ key }: StorageEvent) => {
    if (key?.startsWith(prefix)) hear(key);
  };
  window.addEventListener("storage", listener);
  return () => window.removeEventListener("storage", listener);
}
