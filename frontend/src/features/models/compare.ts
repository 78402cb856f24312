import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { whileAnyLive } from "@/shared/api/live";
import { pagedOptions } from "@/shared/api/paging";

const REFRESH_MILLISECONDS = 10_000;

const ofModel = (project_id: number, model_id: number) => ({ params: { path: { project: project_id, id: model_id } } });

/** What people say of a model beside the one before it; answers come in while the page is open. */
export const winRateOptions = (project_id: number, model_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "model", model_id, "win-rate"],
    queryFn: () => body(api.GET("/api/projects/{project}/models/{id}/win-rate/", ofModel(project_id, model_id))),
    refetchInterval: REFRESH_MILLISECONDS,
  });

export const comparisonsOptions = (project_id: number, model_id: number) => ({
  ...pagedOptions(["project", project_id, "model", model_id, "comparisons"], (cursor) =>
    body(
      api.GET("/api/projects/{project}/models/{id}/comparisons/", {
        params: { path: { project: project_id, id: model_id }, query: { cursor } },
      }),
    ),
  ),
  refetchInterval: whileAnyLive,
});

export interface ComparisonOrder {
  prompts: number;
  judges: number;
}

export const orderComparison = (project_id: number, model_id: number, order: ComparisonOrder) =>
  body(api.POST("/api/projects/{project}/models/{id}/comparisons/", { ...ofModel(project_id, model_id), body: order }));

export const cancelComparison = (project_id: number, id: number) =>
  body(api.POST("/api/projects/{project}/comparisons/{id}/cancel/", ofModel(project_id, id)));

export const retryComparison = (project_id: number, id: number) =>
  body(api.POST("/api/projects/{project}/comparisons/{id}/retry/", ofModel(project_id, id)));

export const deployRuleOptions = (project_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "deploy-rule"],
    queryFn: () => body(api.GET("/api/projects/{project}/deploy-rule/", { params: { path: { project: project_id } } })),
  });

export const setDeployRule = (project_id: number, needed_win_rate: number | null) =>
  body(
    api.PUT("/api/projects/{project}/deploy-rule/", {
      params: { path: { project: project_id } },
      body: { needed_win_rate },
    }),
  );
