import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { whileLive } from "@/shared/api/live";

export interface Selection {
  protocols?: number[];
  date_from?: string;
  date_to?: string;
  languages?: string[];
  include_spares?: boolean;
}

const stored = (selection: Selection) => ({ ...selection }) as Record<string, unknown>;
const at = (project_id: number, release_id: number) => ({ params: { path: { project: project_id, id: release_id } } });

export const previewOptions = (project_id: number, selection: Selection) =>
  queryOptions({
    queryKey: ["project", project_id, "release-preview", selection],
    queryFn: () =>
      body(
        api.POST("/api/projects/{project}/releases/preview/", {
          params: { path: { project: project_id } },
          body: { selection: stored(selection) },
        }),
      ),
    placeholderData: (before) => before,
  });

export const freeze = (project_id: number, name: string, selection: Selection) =>
  body(
    api.POST("/api/projects/{project}/releases/", {
      params: { path: { project: project_id } },
      body: { name, selection: stored(selection) },
    }),
  );

export const releaseOptions = (project_id: number, release_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "release", release_id],
    queryFn: () => body(api.GET("/api/projects/{project}/releases/{id}/", at(project_id, release_id))),
    refetchInterval: whileLive,
  });

export const cancelRelease = (project_id: number, release_id: number) =>
  body(api.POST("/api/projects/{project}/releases/{id}/cancel/", at(project_id, release_id)));

export const retryRelease = (project_id: number, release_id: number) =>
  body(api.POST("/api/projects/{project}/releases/{id}/retry/", at(project_id, release_id)));

export const viewsOptions = (project_id: number, release_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "release", release_id, "views"],
    queryFn: () => body(api.GET("/api/projects/{project}/releases/{id}/views/", at(project_id, release_id))),
    staleTime: Infinity,
  });

export const releaseHome = (project_id: number, release_id: number) =>
  `/api/projects/${project_id}/releases/${release_id}`;
