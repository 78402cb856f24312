import type { AnswerPayload } from "@/shared/api/types";

/** Labels of completions and names of choices are not what anybody would miss. */
const NOT_WRITTEN = new Set(["tiers", "labels", "preferred", "of", "role", "style", "unknown", "spans"]);

/** All that a person wrote in an answer of whatever kind, in its order. */
export function wordsOf(payload: AnswerPayload | Record<string, unknown>): string {
  return written(payload).join("\n\n");
}

function written(value: unknown): string[] {
  if (typeof value === "string") return value.trim() ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (NOT_WRITTEN.has(key) ? [] : written(inner)));
}
