import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { isFinal, LIVE_MILLISECONDS, whileAnyLive, whileLive } from "@/shared/api/live";
import { pagedOptions } from "@/shared/api/paging";
import type { StageName } from "./runFields";

const at = (project_id: number, run_id: number) => ({ params: { path: { project: project_id, id: run_id } } });

export const runsOptions = (id: number) => ({
  ...pagedOptions(["project", id, "runs"], (cursor) =>
    body(api.GET("/api/projects/{project}/runs/", { params: { path: { project: id }, query: { cursor } } })),
  ),
  refetchInterval: whileAnyLive,
});

export const runOptionsOptions = (project_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "run-options"],
    queryFn: () =>
      body(api.GET("/api/projects/{project}/runs/options/", { params: { path: { project: project_id } } })),
    refetchInterval: (query) => (isFinal(query.state.data?.training_installed.state) ? false : LIVE_MILLISECONDS),
  });

export interface NewRun {
  release: number;
  stage: StageName;
  start: { preset: string } | { model: number } | { base: string };
  config: Record<string, unknown>;
  /** The reward model that chooses among the looks of an SFT run. */
  judge?: number;
  /** The reward model that an RL run is watched by. */
  gold?: number;
}

export const startRun = (project_id: number, run: NewRun) =>
  body(
    api.POST("/api/projects/{project}/runs/", {
      params: { path: { project: project_id } },
      body: { ...run, start: { ...run.start } },
    }),
  );

export const orderPreview = (project_id: number, run: NewRun) =>
  body(
    api.POST("/api/projects/{project}/run-previews/", {
      params: { path: { project: project_id } },
      body: { ...run, start: { ...run.start } },
    }),
  );

export const previewOptions = (project_id: number, id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "run-preview", id],
    queryFn: () => body(api.GET("/api/projects/{project}/run-previews/{id}/", at(project_id, id))),
    refetchInterval: whileLive,
  });

export const curvesOptions = (project_id: number, release: number) =>
  queryOptions({
    queryKey: ["project", project_id, "learning-curves", release],
    queryFn: async () =>
      (
        await body(
          api.GET("/api/projects/{project}/learning-curves/", {
            params: { path: { project: project_id }, query: { release } },
          }),
        )
      ).results,
    refetchInterval: (query) => (query.state.data?.some(({ state }) => !isFinal(state)) ? LIVE_MILLISECONDS : false),
  });

export const orderCurve = (project_id: number, run: NewRun & { seeds: number }) =>
  body(
    api.POST("/api/projects/{project}/learning-curves/", {
      params: { path: { project: project_id } },
      body: { ...run, start: { ...run.start } },
    }),
  );

export const cancelCurve = (project_id: number, id: number) =>
  body(api.POST("/api/projects/{project}/learning-curves/{id}/cancel/", at(project_id, id)));

export const retryCurve = (project_id: number, id: number) =>
  body(api.POST("/api/projects/{project}/learning-curves/{id}/retry/", at(project_id, id)));

export const runOptions = (project_id: number, run_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "run", run_id],
    queryFn: () => body(api.GET("/api/projects/{project}/runs/{id}/", at(project_id, run_id))),
    refetchInterval: whileLive,
  });

export const cancelRun = (project_id: number, run_id: number) =>
  body(api.POST("/api/projects/{project}/runs/{id}/cancel/", at(project_id, run_id)));

export const retryRun = (project_id: number, run_id: number) =>
  body(api.POST("/api/projects/{project}/runs/{id}/retry/", at(project_id, run_id)));

export const samplesOptions = (project_id: number, run_id: number, isLive: boolean) =>
  queryOptions({
    queryKey: ["project", project_id, "run", run_id, "samples"],
    queryFn: async () =>
      (await body(api.GET("/api/projects/{project}/runs/{id}/samples/", at(project_id, run_id)))).samples,
    refetchInterval: isLive ? LIVE_MILLISECONDS : false,
  });

/**
 * Metric points and log lines grow at their end only, so each poll asks for what came after
 * the last one known. A new attempt may take steps back, so it starts afresh.
 */
export const pointsOptions = (project_id: number, run_id: number, attempt: number) => ({
  queryKey: ["project", project_id, "run", run_id, "points", attempt],
  fetchAfter: async (after: number) =>
    (
      await body(
        api.GET("/api/projects/{project}/runs/{id}/metrics/", {
          params: { path: { project: project_id, id: run_id }, query: { after } },
        }),
      )
    ).points,
});

export const linesOptions = (project_id: number, run_id: number, attempt: number) => ({
  queryKey: ["project", project_id, "run", run_id, "lines", attempt],
  fetchAfter: async (after: number) =>
    (
      await body(
        api.GET("/api/projects/{project}/runs/{id}/log/", {
          params: { path: { project: project_id, id: run_id }, query: { after } },
        }),
      )
    ).lines,
});
