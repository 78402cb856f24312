import type { MetricPoint } from "@/shared/api/types";

/** One figure of one split, step by step, as points of a chart. */
export function valuesOf(points: readonly MetricPoint[], split: string, name: string) {
  const ofSplit = points.filter((point) => point.split === split);
  return ofSplit.flatMap(({ step, values: { [name]: value } }) =>
    value === undefined || value === null ? [] : [{ x: step, y: value }],
  );
}
