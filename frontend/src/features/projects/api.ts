import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { pagedOptions } from "@/shared/api/paging";
import type { Role } from "@/shared/api/types";
import type { MemberChange } from "./MemberRow";

const at = (project_id: number) => ({ path: { project: project_id } });

export const createProject = (project: { name: string; description: string }) =>
  body(api.POST("/api/projects/", { body: project }));

export const saveProject = (id: number, project: { name: string; description: string }) =>
  body(api.PATCH("/api/projects/{project}/", { params: at(id), body: project }));

export const archiveProject = (id: number) => body(api.POST("/api/projects/{project}/archive/", { params: at(id) }));

export const unarchiveProject = (id: number) =>
  body(api.POST("/api/projects/{project}/unarchive/", { params: at(id) }));

export const progressOptions = (id: number) =>
  queryOptions({
    queryKey: ["project", id, "progress"],
    queryFn: () => body(api.GET("/api/projects/{project}/progress/", { params: at(id) })),
    refetchInterval: 10_000,
  });

export const membersOptions = (id: number) =>
  pagedOptions(["project", id, "members"], (cursor) =>
    body(api.GET("/api/projects/{project}/members/", { params: { ...at(id), query: { cursor } } })),
  );

export const changeMember = (project_id: number, member_id: number, change: MemberChange) =>
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
