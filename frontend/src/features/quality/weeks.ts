import type { AgreementReport } from "@/shared/api/types";
import type { Point } from "@/shared/components/lineScale";

type Week = AgreementReport["weeks"][number];

const WEEK_MILLISECONDS = 7 * 24 * 3600 * 1000;

/** Points whose x counts weeks from the first: a week without answers leaves a gap as wide as itself. */
export function weekSeries(weeks: readonly Week[]): Record<"value" | "low" | "high", Point[]> {
  const start = Date.parse(weeks[0]?.week ?? "");
  const of = (bound: "value" | "low" | "high") =>
    weeks.flatMap(({ week, agreement }) => {
      const y = agreement[bound];
      return y === null ? [] : [{ x: Math.round((Date.parse(week) - start) / WEEK_MILLISECONDS), y }];
    });
  return { value: of("value"), low: of("low"), high: of("high") };
}

/** The Monday of the week so many weeks after the first. */
export function weekAt(first: string, place: number): string {
  return new Date(Date.parse(first) + Math.round(place) * WEEK_MILLISECONDS).toISOString();
}
