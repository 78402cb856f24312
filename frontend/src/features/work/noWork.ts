import type { NoWork } from "@/shared/api/types";

const REASONS: Record<NoWork, true> = {
  empty: true,
  for_others: true,
  with_others: true,
  paused: true,
  not_eligible: true,
  not_qualified: true,
  not_agreed: true,
  enough_for_today: true,
  enough: true,
};

/** Whether this is a reason why nothing is handed out. */
export const isNoWork = (value: unknown): value is NoWork => typeof value === "string" && value in REASONS;
