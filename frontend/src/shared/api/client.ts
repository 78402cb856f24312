import createClient, { type Middleware } from "openapi-fetch";
import { Problem } from "./problem";
import type { paths } from "./schema";
import { sendOnce } from "./sendOnce";
import type { Whole } from "./whole";

export function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

const session: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("X-CSRFToken", csrfToken());
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await Problem.from(response);
  },
  onError({ error }) {
    return error instanceof Problem ? error : new Problem(0, "network", "");
  },
};

/**
 * The typed client. `no-cache` makes the browser revalidate by ETag: polling an unchanged page costs a 304,
 * which fetch turns back into the remembered body.
 */
export const api = createClient<paths>({
  baseUrl: globalThis.location.origin,
  cache: "no-cache",
  fetch: sendOnce,
});
api.use(session);

/** The body of a request that succeeded; refusals are thrown as Problem. */
export async function body<T>(request: Promise<{ data?: T }>): Promise<Whole<T>> {
  return (await request).data as Whole<T>;
}
