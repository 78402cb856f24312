import { describe, expect, it } from "vitest";
import { nearest, niceScale, thin } from "./lineScale";

describe("a scale", () => {
  it.each([[[0.37, 0.7]], [[4.98, 6.24]], [[1, 1]], [[0, 131]], [[-3, 12_000]], [[2e-5, 9e-5]]])(
    "holds %j between round ends",
    (values) => {
      const { min, max, ticks } = niceScale(values);
      expect(min).toBeLessThanOrEqual(Math.min(...values));
      expect(max).toBeGreaterThanOrEqual(Math.max(...values));
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(8);
      expect(ticks[0]).toBeCloseTo(min, 12);
      expect(ticks.at(-1)).toBeCloseTo(max, 12);
    },
  );

  it("is something even of nothing", () => expect(niceScale([])).toEqual({ min: 0, max: 1, ticks: [0, 1] }));
});

describe("points", () => {
  const points = Array.from({ length: 1000 }, (_, x) => ({ x, y: x }));

  it("are thinned evenly, the last kept", () => {
    const few = thin(points, 100);
    expect(few.length).toBeLessThanOrEqual(101);
    expect(few.at(-1)).toEqual({ x: 999, y: 999 });
  });

  it("are found by the nearest x", () => expect(nearest(points, 500.4)).toEqual({ x: 500, y: 500 }));
});
