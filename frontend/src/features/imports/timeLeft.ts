import type { Import } from "@/shared/api/types";

type Job = Pick<Import, "state" | "progress_done" | "progress_total" | "started_at" | "phase_started_at">;
const SOON_SECONDS = 3;

/** About how many seconds a job's phase still takes, going on as it has; undefined where nobody can tell or need know. */
export function timeLeft(job: Job, now: number): number | undefined {
  const begun = job.phase_started_at ?? job.started_at;
  if (job.state !== "running" || !begun || job.progress_done <= 0) return undefined;
  const passed = (now - new Date(begun).getTime()) / 1000;
  const left = (passed * (job.progress_total - job.progress_done)) / job.progress_done;
  return passed > SOON_SECONDS && left > SOON_SECONDS ? left : undefined;
}
