import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";

const STALE_MILLISECONDS = 60_000;

/** Which guidelines I have read, and what has come since; not below ["work"], which every hand-in reads anew. */
export const newsOptions = queryOptions({
  queryKey: ["guidelines"],
  queryFn: () => body(api.GET("/api/work/guidelines/")),
  staleTime: STALE_MILLISECONDS,
});

const at = (protocol: number) => ({ path: { protocol } });

export const guidelineOptions = (protocol: number) =>
  queryOptions({
    queryKey: ["guidelines", protocol],
    queryFn: () => body(api.GET("/api/work/guidelines/{protocol}/", { params: at(protocol) })),
  });

export const markRead = (protocol: number, number: number) =>
  body(api.POST("/api/work/guidelines/{protocol}/read/", { params: at(protocol), body: { number } }));
