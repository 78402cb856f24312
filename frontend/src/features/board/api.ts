import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";

/** The first and the last day, as YYYY-MM-DD; both count. */
export interface Days {
  from: string;
  to: string;
}

export const hoursOptions = (project_id: number, days: Days) =>
  queryOptions({
    queryKey: ["project", project_id, "hours", days],
    queryFn: () =>
      body(
        api.GET("/api/projects/{project}/hours/", {
          params: { path: { project: project_id }, query: { from: days.from, to: days.to } },
        }),
      ),
    select: (hours) => hours.people,
  });

export const hoursFile = (project_id: number, { from, to }: Days) =>
  `/api/projects/${project_id}/hours.csv?${new URLSearchParams({ from, to }).toString()}`;
