import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { LIVE_MILLISECONDS, whileAnyLive } from "@/shared/api/live";
import { pagedOptions } from "@/shared/api/paging";
import type { Served, Split, UpstreamKind } from "@/shared/api/types";

export const modelsOptions = (id: number) =>
  pagedOptions(["project", id, "models"], (cursor) =>
    body(api.GET("/api/projects/{project}/models/", { params: { path: { project: id }, query: { cursor } } })),
  );

export const modelOptions = (project_id: number, model_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "model", model_id],
    queryFn: () =>
      body(
        api.GET("/api/projects/{project}/models/{id}/", { params: { path: { project: project_id, id: model_id } } }),
      ),
  });

export interface Order {
  protocol: number;
  prompts: { limit: number; split?: Split };
  n: number;
  temperature: number;
  top_p: number;
  max_new_tokens: number;
  seed: number;
}

export const orderCompletions = (project_id: number, model_id: number, order: Order) =>
  body(
    api.POST("/api/projects/{project}/models/{id}/completions/", {
      params: { path: { project: project_id, id: model_id } },
      body: order,
    }),
  );

export interface ContinuationOrder {
  prompt: string;
  temperature: number;
  max_new_tokens: number;
  seed: number;
}

export const continuationsOptions = (project_id: number, model_id: number) => ({
  ...pagedOptions(["project", project_id, "model", model_id, "continuations"], (cursor) =>
    body(
      api.GET("/api/projects/{project}/models/{id}/continuations/", {
        params: { path: { project: project_id, id: model_id }, query: { cursor } },
      }),
    ),
  ),
  refetchInterval: whileAnyLive,
});

export const orderContinuation = (project_id: number, model_id: number, order: ContinuationOrder) =>
  body(
    api.POST("/api/projects/{project}/models/{id}/continuations/", {
      params: { path: { project: project_id, id: model_id } },
      body: order,
    }),
  );

export const cancelContinuation = (project_id: number, id: number) =>
  body(
    api.POST("/api/projects/{project}/continuations/{id}/cancel/", { params: { path: { project: project_id, id } } }),
  );

const at = (project_id: number, batch_id: number) => ({ params: { path: { project: project_id, id: batch_id } } });

export const cancelBatch = (project_id: number, batch_id: number) =>
  body(api.POST("/api/projects/{project}/completion-batches/{id}/cancel/", at(project_id, batch_id)));

export const retryBatch = (project_id: number, batch_id: number) =>
  body(api.POST("/api/projects/{project}/completion-batches/{id}/retry/", at(project_id, batch_id)));

export const batchesOptions = (id: number) => ({
  ...pagedOptions(["project", id, "batches"], (cursor) =>
    body(
      api.GET("/api/projects/{project}/completion-batches/", { params: { path: { project: id }, query: { cursor } } }),
    ),
  ),
  refetchInterval: whileAnyLive,
});

export const servedOptions = (project_id: number) => ({
  ...pagedOptions(["project", project_id, "served"], (cursor) =>
    body(api.GET("/api/projects/{project}/served/", { params: { path: { project: project_id }, query: { cursor } } })),
  ),
  refetchInterval: (query: { state: { data?: { pages: { results: Served[] }[] } } }) =>
    query.state.data?.pages.some((page) => page.results.some(isOnItsWay)) ? LIVE_MILLISECONDS : false,
});

/** Whether a served model's state will change by itself. */
const isOnItsWay = (served: Served) => served.is_wanted && served.state !== "ready";

export const serveModel = (project_id: number, model_id: number) =>
  body(
    api.POST("/api/projects/{project}/models/{id}/serve/", { params: { path: { project: project_id, id: model_id } } }),
  );

export const stopServing = (project_id: number, served_id: number) =>
  body(
    api.POST("/api/projects/{project}/served/{id}/stop/", { params: { path: { project: project_id, id: served_id } } }),
  );

export interface Upstream {
  name: string;
  kind: UpstreamKind;
  url: string;
  model: string;
  key_variable: string;
}

export const addUpstream = (project_id: number, upstream: Upstream) =>
  body(api.POST("/api/projects/{project}/served/", { params: { path: { project: project_id } }, body: upstream }));

const served = (project_id: number, id: number) => ({ params: { path: { project: project_id, id } } });

export const askAgain = (project_id: number, id: number) =>
  body(api.POST("/api/projects/{project}/served/{id}/start/", served(project_id, id)));

export const removeUpstream = (project_id: number, id: number) =>
  body(api.DELETE("/api/projects/{project}/served/{id}/", served(project_id, id)));
