import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { pagedOptions } from "@/shared/api/paging";
import type { Language } from "@/shared/api/types";

export const tokensOptions = queryOptions({ queryKey: ["tokens"], queryFn: () => body(api.GET("/api/tokens/")) });

export const createToken = (token: { name: string; scopes: ("read" | "write" | "chat")[]; expires_in_days: number }) =>
  body(api.POST("/api/tokens/", { body: token }));

export const revokeToken = (token_id: string) =>
  body(api.DELETE("/api/tokens/{id}/", { params: { path: { id: token_id } } }));

export const saveMe = (me: { name: string; language: Language; email?: string }) =>
  body(api.PATCH("/api/me/", { body: me }));

export const changePassword = (passwords: { current_password: string; new_password: string }) =>
  body(api.POST("/api/me/password/", { body: passwords }));

export const peopleOptions = pagedOptions(["people"], (cursor) =>
  body(api.GET("/api/people/", { params: { query: { cursor } } })),
);

export const setActive = (person_id: number, is_active: boolean) =>
  body(api.PATCH("/api/people/{id}/", { params: { path: { id: person_id } }, body: { is_active } }));

export const makeResetLink = (person_id: number) =>
  body(api.POST("/api/people/{id}/reset-link/", { params: { path: { id: person_id } } }));
