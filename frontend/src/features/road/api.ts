import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { isFinal, LIVE_MILLISECONDS } from "@/shared/api/live";
import type { Road, RoadStep, StationName } from "@/shared/api/types";

/** What changes without this page, by people's work: looked at now and then. */
const QUIET_MILLISECONDS = 15_000;

const of = (project: number) => ({ params: { path: { project } } });

export const roadOptions = (project_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "road"],
    queryFn: () => body(api.GET("/api/projects/{project}/road/", of(project_id))),
    refetchInterval: (query) =>
      query.state.data && isMoving(query.state.data) ? LIVE_MILLISECONDS : QUIET_MILLISECONDS,
  });

export const takeStep = (project_id: number, station: StationName, step: RoadStep) =>
  body(
    api.POST("/api/projects/{project}/road/{station}/step/", {
      params: { path: { project: project_id, station } },
      body: { do: step.do, target: step.target },
    }),
  );

export const startWalk = (project_id: number) => body(api.POST("/api/projects/{project}/walks/", of(project_id)));

export const cancelWalk = (project_id: number, id: number) =>
  body(api.POST("/api/projects/{project}/walks/{id}/cancel/", { params: { path: { project: project_id, id } } }));

/** Whether something is under way that the page shows. */
export function isMoving(road: Road): boolean {
  return (
    road.walk?.state === "running" ||
    road.stands.some(({ step, run }) => step.do === "wait_release" || (run !== null && !isFinal(run.state)))
  );
}
