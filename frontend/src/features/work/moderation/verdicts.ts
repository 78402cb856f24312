import type { ModerationPayload } from "@/shared/api/types";

export type Verdict = "yes" | "no" | "unknown";
export const VERDICTS: readonly Verdict[] = ["yes", "no", "unknown"];

export type Verdicts = Readonly<Record<string, Verdict>>;

/** A draft's verdicts: what it names nowhere is still to be answered. */
export function verdictsOf(draft: Partial<ModerationPayload>): Verdicts {
  const said = Object.entries(draft.verdicts ?? {}).map(([name, holds]) => [name, holds ? "yes" : "no"] as const);
  return Object.fromEntries([...said, ...(draft.unknown ?? []).map((name) => [name, "unknown"] as const)]);
}

/** Verdicts as they are handed in: unknown is not no. */
export function asPayload(
  verdicts: Verdicts,
  severity: Readonly<Record<string, number>>,
  spans: ModerationPayload["spans"],
  rationale: string,
): ModerationPayload {
  const named = Object.entries(verdicts);
  const holds = (name: string) => verdicts[name] === "yes";
  return {
    verdicts: Object.fromEntries(
      named.flatMap(([name, verdict]) => (verdict === "unknown" ? [] : [[name, verdict === "yes"] as const])),
    ),
    unknown: named.flatMap(([name, verdict]) => (verdict === "unknown" ? [name] : [])),
    severity: Object.fromEntries(Object.entries(severity).filter(([name]) => holds(name))),
    spans: spans.filter(({ category }) => holds(category)),
    rationale,
  };
}

/** The next category without a verdict after this one, round to the first; the next one where all have theirs. */
export function nextOpen(categories: readonly string[], verdicts: Verdicts, at: string): string {
  const place = categories.indexOf(at);
  const round = [...categories.slice(place + 1), ...categories.slice(0, place)];
  return round.find((name) => !verdicts[name]) ?? categories[place + 1] ?? at;
}

/** A place in a text as the server counts, in characters, from one as the browser counts, in halves of some. */
export const characterAt = (text: string, unit: number): number => Array.from(text.slice(0, unit)).length;

export const partOf = (text: string, start: number, end: number): string => Array.from(text).slice(start, end).join("");
