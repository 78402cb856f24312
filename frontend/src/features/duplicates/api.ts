import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { isFinal, LIVE_MILLISECONDS } from "@/shared/api/live";
import { pagedOptions } from "@/shared/api/paging";

const at = (project: number) => ({ params: { path: { project } } });

export const searchOptions = (project: number) =>
  queryOptions({
    queryKey: ["project", project, "duplicates"],
    queryFn: () => body(api.GET("/api/projects/{project}/duplicates/", at(project))),
    refetchInterval: ({ state }) => {
      const search = state.data?.search;
      return search && !isFinal(search.state) ? LIVE_MILLISECONDS : false;
    },
  });

export const clustersOptions = (project: number) =>
  pagedOptions(["project", project, "duplicates", "clusters"], (cursor) =>
    body(api.GET("/api/projects/{project}/duplicates/clusters/", { params: { path: { project }, query: { cursor } } })),
  );

export const startSearch = (project: number) => body(api.POST("/api/projects/{project}/duplicates/", at(project)));
