import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";

export const agreedOptions = queryOptions({
  queryKey: ["me", "content"],
  queryFn: () => body(api.GET("/api/me/content/")),
});

export const agree = (agreed: string[]) => body(api.PUT("/api/me/content/", { body: { agreed } }));
