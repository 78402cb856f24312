import { keysOf } from "./chosenKeys";
import type { Key } from "./keys";
import type { Shortcut } from "./shortcutSheet";

/** Why a command cannot have a key: the page or the browser needs it, or it could not be told from writing. */
export type Obstacle = "reserved" | "needs_modifier" | "needs_digit" | "series";

const RESERVED = new Set(["Tab", "Shift+Tab", "Escape", "Enter", "Space", "Mod+w", "Mod+t", "Mod+n", "Mod+q", "Mod+r"]);

/** The key as this command may have it: commands that count take "1-9" for any digit. */
export function asKeyFor(command: Shortcut, key: Key): Key {
  return takesDigits(command) ? key.replace(/[1-9]$/, "1-9") : key;
}

export function obstacleTo(command: Shortcut, key: Key): Obstacle | null {
  if (command.isSeries) return "series";
  if (RESERVED.has(key) || key.endsWith(" ")) return "reserved";
  if (takesDigits(command) && !key.endsWith("1-9")) return "needs_digit";
  const isWriting = !/(^|\+)(Mod|Alt)\+/.test(key) && !/^(Shift\+)?F\d+$/.test(key);
  return command.whileTyping && isWriting ? "needs_modifier" : null;
}

/** The other commands in view that have the key already. */
export function othersWith(key: Key, command: Shortcut, shown: readonly Shortcut[]): Shortcut[] {
  return shown.filter((other) => other.name !== command.name && keysOf(other).some((its) => collide(its, key)));
}

function takesDigits({ keys }: Shortcut): boolean {
  return keys.some((key) => key.endsWith("1-9"));
}

function collide(one: Key, other: Key): boolean {
  const anyDigit = (key: Key) => key.replace(/(^|\+)[1-9]$/, "$11-9");
  return one === other || ([one, other].some((key) => key.endsWith("1-9")) && anyDigit(one) === anyDigit(other));
}
