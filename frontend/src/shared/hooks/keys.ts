/** A key as a command names it: "Mod+Enter", "Shift+ArrowUp", "=", "j", or "1-9" for any digit. */
export type Key = string;

const IS_MAC = /Mac|iPhone|iPad/.test(globalThis.navigator.userAgent);

const NAMES: Record<string, string> = {
  Mod: IS_MAC ? "⌘" : "Ctrl",
  Shift: IS_MAC ? "⇧" : "Shift",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Enter: IS_MAC ? "↵" : "Enter",
  Escape: "Esc",
};

/** The parts of a key as printed on this machine's keyboard. */
export function keyParts(key: Key): string[] {
  return key.split("+").map((part) => NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part));
}

/** The digit pressed, whatever the layout writes for it together with Shift. */
export function digitOf(event: KeyboardEvent): number {
  return Number(/^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1] ?? (/^[1-9]$/.test(event.key) ? event.key : NaN));
}

export function matches(key: Key, event: KeyboardEvent): boolean {
  const parts = key.split("+");
  const name = parts.at(-1) ?? "";
  // AltGr writes "[" on many layouts and reports itself as Ctrl and Alt.
  const altGraph = event.getModifierState("AltGraph");
  const mod = !altGraph && (event.ctrlKey || event.metaKey);
  if (mod !== parts.includes("Mod")) return false;
  if (event.altKey && !altGraph) return false;
  if (name === "1-9") return !Number.isNaN(digitOf(event)) && event.shiftKey === parts.includes("Shift");
  // A sign such as "?" or "=" needs Shift on some layouts only: the sign itself decides.
  const isSign = name.length === 1 && !/[a-z0-9]/i.test(name);
  if (!isSign && event.shiftKey !== parts.includes("Shift")) return false;
  return event.key.toLowerCase() === name.toLowerCase();
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
  );
}
