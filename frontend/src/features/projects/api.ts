import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { pagedOptions } from "@/shared/api/paging";
import type { ProtocolConfig } from "@/shared/api/protocolConfig";
import type { Protocol, ProtocolKind, Role } from "@/shared/api/types";

const at = (project_id: number) => ({ path: { project: project_id } });

export const createProject = (project: { name: string; description: string }) =>
  body(api.POST("/api/projects/", { body: project }));

export const saveProject = (id: number, project: { name: string; description: string }) =>
  body(api.PATCH("/api/projects/{project}/", { params: at(id), body: project }));

export const progressOptions = (id: number) =>
  queryOptions({
    queryKey: ["project", id, "progress"],
    queryFn: () => body(api.GET("/api/projects/{project}/progress/", { params: at(id) })),
    refetchInterval: 10_000,
  });

export interface ProtocolSettings {
  name: string;
  state?: Protocol["state"];
  required_answers: number;
  lease_seconds: number;
}

export const createProtocol = (id: number, protocol: ProtocolSettings & { kind: ProtocolKind }) =>
  body(api.POST("/api/projects/{project}/protocols/", { params: at(id), body: protocol }));

export const protocolOptions = (project_id: number, protocol_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "protocol", protocol_id],
    queryFn: () =>
      body(
        api.GET("/api/projects/{project}/protocols/{id}/", {
          params: { path: { project: project_id, id: protocol_id } },
        }),
      ),
  });

export const saveProtocol = (
  project_id: number,
  protocol_id: number,
  change: Partial<ProtocolSettings> & { config?: ProtocolConfig },
) =>
  body(
    api.PATCH("/api/projects/{project}/protocols/{id}/", {
      params: { path: { project: project_id, id: protocol_id } },
      body: { ...change, config: change.config && { ...change.config } },
    }),
  );

export const guidelinesOptions = (project_id: number, protocol_id: number) =>
  pagedOptions(["project", project_id, "protocol", protocol_id, "guidelines"], (cursor) =>
    body(
      api.GET("/api/projects/{project}/protocols/{id}/guidelines/", {
        params: { path: { project: project_id, id: protocol_id }, query: { cursor } },
      }),
    ),
  );

export const publishGuideline = (project_id: number, protocol_id: number, markdown: string) =>
  body(
    api.POST("/api/projects/{project}/protocols/{id}/guidelines/", {
      params: { path: { project: project_id, id: protocol_id } },
      body: { markdown },
    }),
  );

export const membersOptions = (id: number) =>
  pagedOptions(["project", id, "members"], (cursor) =>
    body(api.GET("/api/projects/{project}/members/", { params: { ...at(id), query: { cursor } } })),
  );

export const changeMember = (
  project_id: number,
  member_id: number,
  change: { role?: Role; qualifications?: string[] },
) =>
  body(
    api.PATCH("/api/projects/{project}/members/{id}/", {
      params: { path: { project: project_id, id: member_id } },
      body: change,
    }),
  );

export const removeMember = (project_id: number, member_id: number) =>
  body(
    api.DELETE("/api/projects/{project}/members/{id}/", { params: { path: { project: project_id, id: member_id } } }),
  );

export const invitationsOptions = (id: number) =>
  pagedOptions(["project", id, "invitations"], (cursor) =>
    body(api.GET("/api/projects/{project}/invitations/", { params: { ...at(id), query: { cursor } } })),
  );

export const invite = (id: number, invitation: { email: string; role: Role }) =>
  body(api.POST("/api/projects/{project}/invitations/", { params: at(id), body: invitation }));

export const revokeInvitation = (project_id: number, invitation_id: number) =>
  body(
    api.DELETE("/api/projects/{project}/invitations/{id}/", {
      params: { path: { project: project_id, id: invitation_id } },
    }),
  );
