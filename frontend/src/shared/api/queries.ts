import { queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import { pagedOptions } from "./paging";
import type { Session } from "./types";
import { whileAnyLive } from "./live";

/** Reads that several features need; each feature keeps its own others. */
export const sessionOptions = queryOptions({
  queryKey: ["session"],
  queryFn: async () => (await body(api.GET("/api/session/"))) as Session,
  staleTime: 60_000,
});

export const projectsOptions = pagedOptions(["projects"], (cursor) =>
  body(api.GET("/api/projects/", { params: { query: { cursor, page_size: 100 } } })),
);

export const projectOptions = (project_id: number) =>
  queryOptions({
    queryKey: ["project", project_id],
    queryFn: () => body(api.GET("/api/projects/{project}/", { params: { path: { project: project_id } } })),
  });

export const protocolsOptions = (project_id: number) =>
  pagedOptions(["project", project_id, "protocols"], (cursor) =>
    body(
      api.GET("/api/projects/{project}/protocols/", { params: { path: { project: project_id }, query: { cursor } } }),
    ),
  );

/** In few pages: for choosing among them, where the table of members shows them one page at a time. */
export const workersOptions = (project_id: number) =>
  pagedOptions(["project", project_id, "members", "workers"], (cursor) =>
    body(
      api.GET("/api/projects/{project}/members/", {
        params: { path: { project: project_id }, query: { cursor, page_size: 100 } },
      }),
    ),
  );

const POLL_MILLISECONDS = 5_000;

export const boardOptions = (project_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "board"],
    queryFn: () => body(api.GET("/api/projects/{project}/board/", { params: { path: { project: project_id } } })),
    refetchInterval: POLL_MILLISECONDS,
  });

export const releasesOptions = (project_id: number) => ({
  ...pagedOptions(["project", project_id, "releases"], (cursor) =>
    body(
      api.GET("/api/projects/{project}/releases/", { params: { path: { project: project_id }, query: { cursor } } }),
    ),
  ),
  refetchInterval: whileAnyLive,
});

export const guidelinesOptions = (project: number, id: number) =>
  pagedOptions(["project", project, "protocol", id, "guidelines"], (cursor) =>
    body(
      api.GET("/api/projects/{project}/protocols/{id}/guidelines/", {
        params: { path: { project, id }, query: { cursor } },
      }),
    ),
  );
