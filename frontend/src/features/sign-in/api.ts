import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";

export const invitationOptions = (token: string) =>
  queryOptions({
    queryKey: ["invitation", token],
    queryFn: () => body(api.GET("/api/invitations/{token}/", { params: { path: { token } } })),
    staleTime: Infinity,
  });

export const acceptInvitation = (token: string, account: { name: string; password: string }) =>
  body(api.POST("/api/invitations/{token}/accept/", { params: { path: { token } }, body: account }));

export const redeemLink = (token: string) => body(api.POST("/api/sign-in-links/redeem/", { body: { token } }));
