import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import type { SystemJob } from "@/shared/api/types";

const POLL_MILLISECONDS = 5_000;

export const systemOptions = queryOptions({
  queryKey: ["system"],
  queryFn: () => body(api.GET("/api/system/")),
  refetchInterval: POLL_MILLISECONDS,
});

/** The newest jobs of every kind. */
export const jobsOptions = (state: SystemJob["state"] | undefined) =>
  queryOptions({
    queryKey: ["system", "jobs", state],
    queryFn: () => body(api.GET("/api/system/jobs/", { params: { query: { state } } })),
    refetchInterval: POLL_MILLISECONDS,
  });

export const retryJob = (job_id: string) =>
  body(api.POST("/api/system/jobs/{id}/retry/", { params: { path: { id: job_id } } }));
