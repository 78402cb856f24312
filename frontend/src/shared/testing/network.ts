import { vi } from "vitest";

export interface Call {
  method: string;
  path: string;
  body: unknown;
  keepalive: boolean;
}

type Answer = { status?: number; body?: unknown } | Error;

/** Stand in for the network: `answer` decides, and every call is written down. Unknown calls get 204. */
export function fakeNetwork(answer: (call: Call) => Answer | undefined): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const text = await request.text();
    const call = {
      method: request.method,
      path: new URL(request.url).pathname,
      body: text ? (JSON.parse(text) as unknown) : undefined,
      keepalive: request.keepalive,
    };
    calls.push(call);
    const given = answer(call);
    if (given instanceof Error) throw given;
    const status = given?.status ?? (given ? 200 : 204);
    return new Response(given?.body === undefined ? null : JSON.stringify(given.body), {
      status,
      headers: { "Content-Type": "application/json", ...(status === 204 ? { "Content-Length": "0" } : {}) },
    });
  });
  return calls;
}
