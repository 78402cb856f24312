import type { Middleware } from "openapi-fetch";
import { api } from "@/shared/api/client";
import type { Claim } from "@/shared/api/types";

const CLAIMS = /^\/api\/work\/claims\/(?:([^/]+)\/(?:(\w+)\/)?)?$/;

/**
 * Answer in the server's place what a desk asks about its claim, so that it can be tried without a task, a lease or a
 * trace in anybody's statistics. No claim is asked for at the server meanwhile. Returns the way to end it.
 */
export function rehearse(find: (id: string) => Claim | undefined): () => void {
  const middleware: Middleware = {
    onRequest: ({ request }) => {
      const asked = CLAIMS.exec(new URL(request.url).pathname);
      if (!asked) return undefined;
      const claim = find(asked[1] ?? "");
      return claim ? answerTo(asked[2], claim) : new Response(null, { status: 204 });
    },
  };
  api.use(middleware);
  return () => api.eject(middleware);
}

function answerTo(verb: string | undefined, claim: Claim): Response {
  const now = new Date().toISOString();
  const end = { next: null, no_work: "empty" };
  const bodies: Record<string, object> = {
    heartbeat: { expires_at: new Date(Date.now() + claim.lease_seconds * 1000).toISOString() },
    draft: { saved_at: now },
    submit: { answer: { id: 0, is_spare: false, submitted_at: now }, ...end },
    skip: end,
  };
  if (verb === "release") return new Response(null, { status: 204 });
  return Response.json((verb && bodies[verb]) ?? claim);
}
