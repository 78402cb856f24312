/** A key as a command names it: "Mod+Enter", "Alt+j", "Shift+ArrowUp", "=", or "1-9" for any digit. */
export type Key = string;

const IS_MAC = /Mac|iPhone|iPad/.test(globalThis.navigator.userAgent);

const NAMES: Record<string, string> = {
  Mod: IS_MAC ? "⌘" : "Ctrl",
  Alt: IS_MAC ? "⌥" : "Alt",
  Shift: IS_MAC ? "⇧" : "Shift",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
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
  if (hasMod(event) !== parts.includes("Mod") || hasAlt(event) !== parts.includes("Alt")) return false;
  if (name === "1-9") return !Number.isNaN(digitOf(event)) && event.shiftKey === parts.includes("Shift");
  if (!isSign(name) && event.shiftKey !== parts.includes("Shift")) return false;
  return nameOf(event) === name.toLowerCase();
}

/** The key that was pressed, as a command would name it; null while only Shift and the like are held. */
export function keyOf(event: KeyboardEvent): Key | null {
  if (/^(Control|Meta|Alt|AltGraph|Shift|CapsLock|Dead|Process|Unidentified)$/.test(event.key)) return null;
  const name = event.key.length === 1 ? nameOf(event) : event.key;
  const isShifted = event.shiftKey && !isSign(name);
  return [hasMod(event) && "Mod", hasAlt(event) && "Alt", isShifted && "Shift", name].filter(Boolean).join("+");
}

// AltGr writes "[" on many layouts and reports itself as Ctrl and Alt.
const isAltGraph = (event: KeyboardEvent) => event.getModifierState("AltGraph");
const hasMod = (event: KeyboardEvent) => !isAltGraph(event) && (event.ctrlKey || event.metaKey);
const hasAlt = (event: KeyboardEvent) => !isAltGraph(event) && event.altKey;

/** A sign such as "?" or "=" needs Shift on some layouts only: the sign itself decides. */
const isSign = (name: string) => name.length === 1 && !/[\p{L}\d]/u.test(name);

/** Alt writes other signs on a Mac, so there the key's place decides. */
function nameOf(event: KeyboardEvent): string {
  const placed = hasAlt(event) ? /^(?:Key|Digit)([A-Z0-9])$/.exec(event.code)?.[1] : undefined;
  return (placed ?? event.key).toLowerCase();
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
  );
}

/** The keys of a list's first ten entries: as on the row of digits. */
export const CHOICE_KEYS: readonly Key[] = ["1-9", "0"];

/** The key of an entry, counted from 1, as a command's keys have it now. */
export function keyOfEntry(keys: readonly Key[], number: number): Key | undefined {
  if (number === 10) return keys.find((key) => key === "0");
  return number < 10 ? keys.find((key) => key.endsWith("1-9"))?.replace("1-9", String(number)) : undefined;
}

/** Controls that Enter would press. Choices are pressed by Space and by their own keys, so that Enter can go on. */
const PRESSED_BY_ENTER = "a, button, input, select, textarea, summary, [role=button], [role=switch], [contenteditable]";

/** Enter goes on with the work only where it would not press what has the focus. Put on choices: `{...passesEnter}`. */
export function enterGoesOn(): boolean {
  const at = document.activeElement;
  return !at?.closest(PRESSED_BY_ENTER) || at.matches("[data-passes-enter]");
}

export const passesEnter = { "data-passes-enter": true } as const;
