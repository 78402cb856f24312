import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "./client";
import { asProblem } from "./problem";
import { newKey } from "./sendOnce";

interface Sent {
  path: string;
  key: string | null;
  body: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
let sent: Sent[];

/** Answer each request with the next of these; an Error stands for a network that gives no answer. */
function network(...answers: (Response | Error)[]) {
  vi.stubGlobal("fetch", async (request: Request) => {
    const key = request.headers.get("Idempotency-Key");
    sent.push({ path: new URL(request.url).pathname, key, body: await request.text() });
    const answer = answers[sent.length - 1];
    if (!answer || answer instanceof Error) throw answer ?? new TypeError("Failed to fetch");
    return answer;
  });
}

const made = () => Response.json({ id: 1 }, { status: 201 });
const stillAtWork = () => Response.json({ code: "still_at_work" }, { status: 409, headers: { "Retry-After": "1" } });
const makeProject = () => api.POST("/api/projects/", { body: { name: "Once" } });

beforeEach(() => {
  sent = [];
  vi.stubGlobal("setTimeout", (run: () => void) => queueMicrotask(run));
});
afterEach(() => vi.unstubAllGlobals());

test("a write carries a new key each time", async () => {
  network(made(), made());
  await makeProject();
  await makeProject();
  expect(sent[0]?.key).toMatch(UUID);
  expect(sent[1]?.key).toMatch(UUID);
  expect(sent[0]?.key).not.toBe(sent[1]?.key);
});

test("a write that got no answer is sent again, whole, under the same key", async () => {
  network(new TypeError("Failed to fetch"), made());
  expect((await makeProject()).data).toEqual({ id: 1 });
  expect(sent).toHaveLength(2);
  expect(sent[1]).toEqual(sent[0]);
  expect(sent[1]?.body).toBe('{"name":"Once"}');
});

test("it waits while the first try is still at work", async () => {
  network(new TypeError("Failed to fetch"), stillAtWork(), stillAtWork(), made());
  expect((await makeProject()).data).toEqual({ id: 1 });
  expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
});

test("it gives up in the end", async () => {
  network(new TypeError("Failed to fetch"), ...Array.from({ length: 20 }, stillAtWork));
  await expect(makeProject()).rejects.toMatchObject({ status: 409, code: "still_at_work" });
  expect(sent.length).toBeLessThan(12);
});

test("without a network it is tried twice and then said", async () => {
  network();
  const failure = await makeProject().catch(asProblem);
  expect(failure).toMatchObject({ status: 0, code: "network" });
  expect(sent).toHaveLength(2);
});

test("what its page gave up is not sent again", async () => {
  const leaving = new AbortController();
  leaving.abort();
  network();
  await api.POST("/api/projects/", { body: { name: "Never" }, signal: leaving.signal }).catch(asProblem);
  expect(sent.length).toBeLessThan(2);
});

test.each([
  ["reading", () => api.GET("/api/projects/")],
  ["a claim", () => api.POST("/api/work/claims/", { body: { protocol: 1 } })],
  ["a heartbeat", () => api.POST("/api/work/claims/{id}/heartbeat/", { params: { path: { id: "x" } } })],
  ["a link", () => api.POST("/api/sign-in-links/redeem/", { body: { token: "x" } })],
])("%s needs no key and is not repeated here", async (_, ask) => {
  network();
  await ask().catch(asProblem);
  expect(sent.map(({ key }) => key)).toEqual([null]);
});

test("giving a task back is keyed", async () => {
  network(new Response(null, { status: 204, headers: { "Content-Length": "0" } }));
  await api.POST("/api/work/claims/{id}/release/", { params: { path: { id: "x" } } });
  expect(sent[0]?.key).toMatch(UUID);
});

test("keys are unlike each other", () => {
  expect(new Set(Array.from({ length: 1000 }, newKey)).size).toBe(1000);
});
