import type { LearningCurveFound } from "@/shared/api/types";

/** A 95 % interval is this many standard errors wide on either side. */
const NORMAL = 1.96;
const PIECES = 24;

export interface Mark {
  judgements: number;
  value: number;
  low: number;
  high: number;
}

/** The points with their intervals; one of unknown width has none. */
export function marksOf(found: LearningCurveFound): Mark[] {
  return found.points.map(({ judgements, value, error }) => ({
    judgements,
    value,
    low: value - NORMAL * (error ?? 0),
    high: value + NORMAL * (error ?? 0),
  }));
}

/** The fitted line between two numbers of judgements: straight in their logarithm, bent on the page. */
export function lineOf({ fit }: LearningCurveFound, from: number, to: number): { x: number; y: number }[] {
  if (!fit || from <= 0) return [];
  return Array.from({ length: PIECES + 1 }, (_, place) => {
    const x = from * (to / from) ** (place / PIECES);
    return { x, y: fit.at_one + fit.slope * Math.log(x) };
  });
}
