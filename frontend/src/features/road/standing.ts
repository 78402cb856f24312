import type { RoadStand } from "@/shared/api/types";

/** How a station looks: reached, being worked on, reached with words since taken back, ahead. */
export type Standing = "reached" | "moving" | "stale" | "ahead";

export function standingOf(stand: RoadStand): Standing {
  if (stand.step.do === "wait_run" || stand.step.do === "wait_release") return "moving";
  if (stand.stale_model) return "stale";
  if (stand.station === "chat") return stand.step.do === "chat" ? "reached" : "ahead";
  return stand.model ? "reached" : "ahead";
}

/** How much of what is usual at the least there is, from 0 to 1; null where a station needs no data of its own. */
export function shareOf({ need, have }: Pick<RoadStand, "need" | "have">): number | null {
  return need === null || have === null ? null : Math.min(1, have / need.low);
}
