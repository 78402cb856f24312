import type { Key } from "@/shared/hooks/keys";

/** The keys of flags, in the order of the flags. Left out: what the desk itself listens for (s skips, g opens the guideline, n goes to the reason, p folds the prompt). */
export const FLAG_KEYS: readonly string[] = "q w e r t y u i o a d f h j k l z x c v b m".split(" ");

/** The keys of a list's first ten entries: as on the row of digits. */
export const CHOICE_KEYS: readonly Key[] = ["1-9", "0"];

/** The key of an entry, counted from 1, as a command's keys have it now. */
export function keyOfEntry(keys: readonly Key[], number: number): Key | undefined {
  if (number === 10) return keys.find((key) => key === "0");
  return number < 10 ? keys.find((key) => key.endsWith("1-9"))?.replace("1-9", String(number)) : undefined;
}
