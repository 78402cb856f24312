import type { BoardClaim, BoardLine, BoardRow } from "@/shared/api/types";

/** A language of prompts; null stands for all, "" for prompts that name none. */
export type LanguageChoice = string | null;

/** Every language on the board, those that are named first. */
export function languagesOf(rows: readonly BoardRow[]): string[] {
  const all = new Set(rows.flatMap((row) => row.languages.map((line) => line.language)));
  return [...all].sort((one, other) => Number(one === "") - Number(other === "") || one.localeCompare(other));
}

/** A protocol's line in the chosen language; undefined where it has no work in it. */
export function lineOf(row: BoardRow, language: LanguageChoice): BoardLine | undefined {
  return language === null ? row.total : row.languages.find((line) => line.language === language);
}

export function claimsIn(claims: readonly BoardClaim[], language: LanguageChoice): BoardClaim[] {
  return claims.filter((claim) => language === null || claim.language === language);
}

/** Whether there is, or was, anything to do. */
export const hasWork = (line: BoardLine): boolean => line.open + line.done + line.in_flight > 0;

type Count = "open" | "done" | "in_flight" | "expiring";

export const sumOf = (lines: readonly BoardLine[], count: Count): number =>
  lines.reduce((sum, line) => sum + line[count], 0);

/** Answers an hour over all lines; null while nobody works on any of them. */
export function paceOf(lines: readonly BoardLine[]): number | null {
  const paces = lines.flatMap((line) => line.answers_per_hour ?? []);
  return paces.length === 0 ? null : paces.reduce((sum, pace) => sum + pace, 0);
}
