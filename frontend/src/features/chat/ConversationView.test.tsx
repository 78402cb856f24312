import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { ChatConversation, ChatTurn } from "@/shared/api/types";
import { show } from "@/shared/testing/show";
import { ConversationView } from "./ConversationView";

const turn = (id: number, parent: number | null, changes: Partial<ChatTurn>): ChatTurn => ({
  id,
  parent,
  role: id % 2 ? "user" : "assistant",
  text: `turn ${id}`,
  state: "complete",
  error: "",
  model_name: "sft-1",
  created_at: "2030-01-01T00:00:00Z",
  finished_at: null,
  feedback: null,
  refusal: null,
  ...changes,
});

interface Sent {
  method: string;
  path: string;
  body: unknown;
}

/** Stand in for the site: conversations as JSON, answers as a stream that the test feeds. */
function room(turns: ChatTurn[]) {
  const conversation: ChatConversation = {
    id: 4,
    title: "Leases",
    model: { id: 2, name: "sft-1" },
    consent: "none",
    created_at: "2030-01-01T00:00:00Z",
    turns,
  };
  const sent: Sent[] = [];
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = () => new ReadableStream<Uint8Array>({ start: (controller) => void (feed = controller) });
  vi.stubGlobal("fetch", async (input: Request | string, init?: RequestInit) => {
    const isStream = typeof input === "string";
    const text = isStream ? ((init?.body as string | undefined) ?? "") : await input.text();
    const path = isStream ? input : new URL(input.url).pathname;
    sent.push({ method: isStream ? "POST" : input.method, path, body: text && JSON.parse(text) });
    if (isStream) return new Response(stream());
    return new Response(JSON.stringify(conversation), { headers: { "Content-Type": "application/json" } });
  });
  show(<ConversationView projectId={1} conversationId={4} isOff={false} onDeleted={vi.fn()} />);
  const tell = (...events: object[]) =>
    events.forEach((event) => feed?.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`)));
  return { sent, tell, end: () => feed?.close() };
}

it("says what one talks to, and learns from nobody unasked", async () => {
  room([]);
  expect(await screen.findByText("You are talking to sft-1, a language model")).toBeVisible();
  expect(screen.getByText(/can make things up/)).toBeVisible();
  expect(screen.getByRole("radio", { name: "No" })).toBeChecked();
});

it("sends on Enter, shows what comes, and stops on Escape", async () => {
  const { sent, tell } = room([turn(1, null, {}), turn(2, 1, {})]);
  const box = await screen.findByRole("textbox", { name: "Write to sft-1" });
  await userEvent.type(box, "Go{Shift>}{Enter}{/Shift}on.{Enter}");
  await waitFor(() =>
    expect(sent).toContainEqual({
      method: "POST",
      path: "/api/projects/1/conversations/4/messages/",
      body: { text: "Go\non.", parent: 2 },
    }),
  );
  expect(screen.getByText("The filter is reading …")).toBeVisible();
  tell({ type: "said", turn: 3 }, { type: "answering", turn: 6, parent: 3 }, { type: "piece", text: "A lease" });
  expect(await screen.findByText("A lease")).toBeVisible();
  await userEvent.type(box, "{Escape}");
  await waitFor(() => expect(sent.map(({ path }) => path)).toContain("/api/projects/1/conversations/4/turns/6/stop/"));
  await waitFor(() => expect(screen.queryByText("Answering …")).not.toBeInTheDocument());
});

it("leads from one version of an answer to the other, and asks for another", async () => {
  const { sent } = room([turn(1, null, {}), turn(2, 1, {}), turn(4, 1, {})]);
  expect(await screen.findByText("turn 4")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Version before" }));
  expect(screen.getByText("turn 2")).toBeVisible();
  expect(screen.queryByText("turn 4")).not.toBeInTheDocument();
  await userEvent.keyboard("r");
  await waitFor(() =>
    expect(sent.map(({ path }) => path)).toContain("/api/projects/1/conversations/4/turns/2/regenerate/"),
  );
});

it("says what the filter found, and lets one appeal", async () => {
  const refusal = { side: "input", categories: ["violence", "odd"], filter_name: "filter", appeal: null } as const;
  const { sent } = room([
    turn(1, null, { state: "refused", refusal: { ...refusal, categories: ["violence", "odd"] } }),
  ]);
  expect(await screen.findByText("This was not passed on: the filter found something in it")).toBeVisible();
  expect(screen.getByRole("list", { name: "What the filter found" })).toHaveTextContent("Violenceodd");
  await userEvent.click(screen.getByRole("button", { name: "The filter is wrong" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Why is it wrong?" }), "It is a novel.");
  await userEvent.click(screen.getByRole("button", { name: "Appeal" }));
  await waitFor(() =>
    expect(sent).toContainEqual({
      method: "POST",
      path: "/api/projects/1/conversations/4/turns/1/appeal/",
      body: { reason: "It is a novel." },
    }),
  );
});

it("keeps what was typed when it is not taken", async () => {
  const { end } = room([]);
  const box = await screen.findByRole("textbox", { name: "Write to sft-1" });
  vi.stubGlobal("fetch", () =>
    Promise.resolve(
      new Response(JSON.stringify({ code: "too_many_answers", detail: "Too many answers." }), { status: 429 }),
    ),
  );
  await userEvent.type(box, "Hello{Enter}");
  expect(await screen.findByText("Too many answers.")).toBeVisible();
  expect(box).toHaveValue("Hello");
  end();
});
