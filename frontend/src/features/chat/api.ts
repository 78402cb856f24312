import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { pagedOptions } from "@/shared/api/paging";
import type { AppealState, ChatConversation, ConsentState } from "@/shared/api/types";

export const chatOptions = (project_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "chat"],
    queryFn: () => body(api.GET("/api/projects/{project}/chat/", { params: { path: { project: project_id } } })),
  });

export const chooseFilter = (project_id: number, filter: number | null) =>
  body(api.PATCH("/api/projects/{project}/chat/", { params: { path: { project: project_id } }, body: { filter } }));

export const askForTwo = (project_id: number, asked: { share: number; second: number | null }) =>
  body(
    api.PUT("/api/projects/{project}/chat/two-answers/", { params: { path: { project: project_id } }, body: asked }),
  );

export const conversationsOptions = (project_id: number) =>
  pagedOptions(["project", project_id, "conversations"], (cursor) =>
    body(
      api.GET("/api/projects/{project}/conversations/", {
        params: { path: { project: project_id }, query: { cursor } },
      }),
    ),
  );

const at = (project_id: number, id: number) => ({ path: { project: project_id, id } });
const turnAt = (project_id: number, id: number, turn: number) => ({ path: { project: project_id, id, turn } });

export const conversationOptions = (project_id: number, id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "conversation", id],
    queryFn: () => body(api.GET("/api/projects/{project}/conversations/{id}/", { params: at(project_id, id) })),
  });

export const startConversation = (project_id: number, model: number) =>
  body(
    api.POST("/api/projects/{project}/conversations/", {
      params: { path: { project: project_id } },
      body: { model },
    }),
  );

export const renameConversation = (project_id: number, id: number, title: string) =>
  body(api.PATCH("/api/projects/{project}/conversations/{id}/", { params: at(project_id, id), body: { title } }));

export const deleteConversation = (project_id: number, id: number) =>
  body(api.DELETE("/api/projects/{project}/conversations/{id}/", { params: at(project_id, id) }));

export const giveConsent = (project_id: number, id: number, consent: ConsentState) =>
  body(
    api.PUT("/api/projects/{project}/conversations/{id}/consent/", {
      params: at(project_id, id),
      body: { consent },
    }),
  );

export const stopTurn = (project_id: number, id: number, turn: number) =>
  body(
    api.POST("/api/projects/{project}/conversations/{id}/turns/{turn}/stop/", {
      params: turnAt(project_id, id, turn),
    }),
  );

export interface Choosing {
  payload: Record<string, unknown>;
  continue_with: "c1" | "c2" | null;
  seconds: number;
}

export const chooseTurn = (project_id: number, id: number, turn: number, choosing: Choosing) =>
  body(
    api.POST("/api/projects/{project}/conversations/{id}/turns/{turn}/choose/", {
      params: turnAt(project_id, id, turn),
      body: choosing,
    }),
  );

export type FeedbackReason = NonNullable<NonNullable<ChatConversation["turns"][number]["feedback"]>["reasons"]>[number];

export interface Thumb {
  liked: boolean | null;
  reasons: FeedbackReason[];
  note: string;
}

export const taughtOptions = (project: number, conversation: number, turn: number) =>
  queryOptions({
    queryKey: ["project", project, "conversation", conversation, "taught", turn],
    queryFn: () =>
      body(
        api.GET("/api/projects/{project}/conversations/{id}/turns/{turn}/taught/", {
          params: { path: { project, id: conversation, turn } },
        }),
      ),
    staleTime: Infinity,
  });

export const giveFeedback = (project_id: number, id: number, turn: number, thumb: Thumb) =>
  body(
    api.PUT("/api/projects/{project}/conversations/{id}/turns/{turn}/feedback/", {
      params: turnAt(project_id, id, turn),
      body: thumb as never,
    }),
  );

export const appealTurn = (project_id: number, id: number, turn: number, reason: string) =>
  body(
    api.POST("/api/projects/{project}/conversations/{id}/turns/{turn}/appeal/", {
      params: turnAt(project_id, id, turn),
      body: { reason },
    }),
  );

export const exportAddress = (project_id: number, id: number) =>
  `/api/projects/${project_id}/conversations/${id}/export/`;

export const appealsOptions = (project_id: number, state: AppealState) =>
  pagedOptions(["project", project_id, "appeals", state], (cursor) =>
    body(
      api.GET("/api/projects/{project}/appeals/", {
        params: { path: { project: project_id }, query: { cursor, state } },
      }),
    ),
  );

export const decideAppeal = (project_id: number, id: number, labels: Record<string, boolean>, note: string) =>
  body(
    api.POST("/api/projects/{project}/appeals/{id}/decide/", {
      params: at(project_id, id),
      body: { labels, note },
    }),
  );
