import { expect, it } from "vitest";
import type { AgreementReport } from "@/shared/api/types";
import { weekAt, weekSeries } from "./weeks";

const week = (monday: string, value: number, low: number | null = null) =>
  ({ week: monday, agreement: { value, low, high: null } }) as AgreementReport["weeks"][number];

it("keeps the place of weeks in which nothing came in", () => {
  const lines = weekSeries([week("2030-01-07", 0.5), week("2030-01-28", 0.7, 0.6)]);
  expect(lines.value).toEqual([
    { x: 0, y: 0.5 },
    { x: 3, y: 0.7 },
  ]);
  expect(lines.low).toEqual([{ x: 3, y: 0.6 }]);
  expect(lines.high).toEqual([]);
});

it("names a week by its Monday, also across a change of the clocks", () => {
  expect(weekAt("2030-03-25", 1.2).slice(0, 10)).toBe("2030-04-01");
});
