import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";

export const myDataOptions = queryOptions({
  queryKey: ["me", "data"],
  queryFn: () => body(api.GET("/api/me/data/")),
});

export const myConsentsOptions = queryOptions({
  queryKey: ["me", "consents"],
  queryFn: () => body(api.GET("/api/me/consents/")),
});

/** Take back every consent given in a project. */
export const revokeConsents = (project: number) =>
  body(api.POST("/api/me/consents/{project}/revoke/", { params: { path: { project } } }));

/** Take back all that one has given to a project. */
export const withdrawFrom = (project: number, reason: string) =>
  body(api.POST("/api/me/withdrawals/", { body: { project, reason } }));
