import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import type { ProtocolState, Rule } from "@/shared/api/types";

export type Config = Readonly<Record<string, unknown>>;

/** What steers a protocol's queue; null empties a column. */
export interface QueueColumns {
  required_answers: number;
  maximum_answers: number | null;
  agreement_floor: number | null;
  lease_seconds: number;
  eligible_roles: string[];
  eligible_teams: string[];
  required_qualifications: string[];
  answers_per_person: number | null;
  answers_per_day: number | null;
  calibration_share: number;
  assignment_rules: Rule[];
  follow_up: number | null;
}

const inProject = (project: number) => ({ path: { project } });
const at = (project: number, id: number) => ({ path: { project, id } });

export const kindsOptions = queryOptions({
  queryKey: ["kinds"],
  queryFn: () => body(api.GET("/api/kinds/")),
  staleTime: Infinity,
});

export const presetsOptions = queryOptions({
  queryKey: ["presets"],
  queryFn: () => body(api.GET("/api/presets/")),
  staleTime: Infinity,
});

export const createProtocol = (project: number, start: { preset: string; name: string }) =>
  body(api.POST("/api/projects/{project}/protocols/", { params: inProject(project), body: start }));

export const protocolOptions = (project: number, id: number) =>
  queryOptions({
    queryKey: ["project", project, "protocol", id],
    queryFn: () => body(api.GET("/api/projects/{project}/protocols/{id}/", { params: at(project, id) })),
  });

export const saveProtocol = (
  project: number,
  id: number,
  change: Partial<QueueColumns> & { name?: string; state?: ProtocolState; config?: Config },
) =>
  body(
    api.PATCH("/api/projects/{project}/protocols/{id}/", {
      params: at(project, id),
      body: { ...change, config: change.config && { ...change.config } },
    }),
  );

export const duplicateProtocol = (project: number, id: number, name: string) =>
  body(api.POST("/api/projects/{project}/protocols/{id}/duplicate/", { params: at(project, id), body: { name } }));

export const publishGuideline = (project: number, id: number, guideline: { markdown: string; change_note: string }) =>
  body(api.POST("/api/projects/{project}/protocols/{id}/guidelines/", { params: at(project, id), body: guideline }));
