import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { whileAnyLive } from "@/shared/api/live";
import { pagedOptions } from "@/shared/api/paging";
import type { Worklist } from "@/shared/api/types";

const at = (project_id: number, id: number) => ({ params: { path: { project: project_id, id } } });

export const worklistsOptions = (project_id: number, model_id: number) => ({
  ...pagedOptions(["project", project_id, "model", model_id, "worklists"], (cursor) =>
    body(
      api.GET("/api/projects/{project}/models/{id}/worklists/", {
        params: { path: { project: project_id, id: model_id }, query: { cursor } },
      }),
    ),
  ),
  refetchInterval: whileAnyLive,
});

export const worklistOptions = (project_id: number, id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "worklist", id],
    queryFn: () => body(api.GET("/api/projects/{project}/worklists/{id}/", at(project_id, id))),
  });

export interface WorklistOrder {
  kind: Worklist["kind"];
  pairs: number;
  judges: number;
  control_share: number;
}

export const orderWorklist = (project_id: number, model_id: number, order: WorklistOrder) =>
  body(api.POST("/api/projects/{project}/models/{id}/worklists/", { ...at(project_id, model_id), body: order }));

export const cancelWorklist = (project_id: number, id: number) =>
  body(api.POST("/api/projects/{project}/worklists/{id}/cancel/", at(project_id, id)));

export const retryWorklist = (project_id: number, id: number) =>
  body(api.POST("/api/projects/{project}/worklists/{id}/retry/", at(project_id, id)));
