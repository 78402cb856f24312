export interface Point {
  x: number;
  y: number;
}
export interface Series {
  name: string;
  color: string;
  points: readonly Point[];
}
export interface Scale {
  min: number;
  max: number;
  ticks: readonly number[];
}

const STEPS = [1, 2, 2.5, 5, 10];

/** Round bounds and about `count` round ticks around the values. */
export function niceScale(values: readonly number[], count = 4): Scale {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { min: 0, max: 1, ticks: [0, 1] };
  const spread = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(spread / count));
  const step = power * (STEPS.find((factor) => factor * power >= spread / count) ?? 10);
  const min = Math.floor(low / step) * step;
  const max = Math.ceil((high + (low === high ? step : 0)) / step) * step;
  const ticks = Array.from({ length: Math.round((max - min) / step) + 1 }, (_, index) =>
    Number((min + index * step).toPrecision(12)),
  );
  return { min, max, ticks };
}

/** At most `most` points, spread evenly and with the last one always kept. */
export function thin(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most) return points;
  const stride = Math.ceil(points.length / most);
  return points.filter((_, index) => index % stride === 0 || index === points.length - 1);
}

export function nearest(points: readonly Point[], x: number): Point | undefined {
  return points.reduce<Point | undefined>(
    (best, point) => (!best || Math.abs(point.x - x) < Math.abs(best.x - x) ? point : best),
    undefined,
  );
}
