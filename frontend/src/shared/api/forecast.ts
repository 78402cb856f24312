import type { LearningCurveFound } from "./types";

/** What more judgements would buy, so that more is better whatever is measured. */
export function boughtBy(found: LearningCurveFound): { more: number; gain: number; low: number; high: number } | null {
  const { forecast, better } = found;
  if (!forecast) return null;
  if (better === "higher") return forecast;
  // Minus nought is nought.
  return { more: forecast.more, gain: 0 - forecast.gain, low: 0 - forecast.high, high: 0 - forecast.low };
}
