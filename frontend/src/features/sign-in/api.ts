import { queryOptions } from "@tanstack/react-query";
import type { Language } from "@/shared/i18n/i18n";
import { api, body } from "@/shared/api/client";

export const invitationOptions = (token: string) =>
  queryOptions({
    queryKey: ["invitation", token],
    queryFn: () => body(api.GET("/api/invitations/{token}/", { params: { path: { token } } })),
    staleTime: Infinity,
  });

export const acceptInvitation = (token: string, account: { name: string; password: string }) =>
  body(api.POST("/api/invitations/{token}/accept/", { params: { path: { token } }, body: account }));

/** A new account speaks the language its owner has chosen on the way in. */
export const keepLanguage = (language: Language) => body(api.PATCH("/api/me/", { body: { language } }));

export const redeemLink = (token: string) => body(api.POST("/api/sign-in-links/redeem/", { body: { token } }));
