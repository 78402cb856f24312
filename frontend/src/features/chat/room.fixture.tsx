import { vi } from "vitest";
import type { ChatConversation, ChatTurn } from "@/shared/api/types";
import { show } from "@/shared/testing/show";
import { ConversationView } from "./ConversationView";

export const turn = (id: number, parent: number | null, changes: Partial<ChatTurn>): ChatTurn => ({
  id,
  parent,
  role: id % 2 ? "user" : "assistant",
  text: `turn ${id}`,
  state: "complete",
  error: "",
  model_name: "sft-1",
  is_ours: false,
  created_at: "2030-01-01T00:00:00Z",
  finished_at: null,
  feedback: null,
  refusal: null,
  choice: null,
  ...changes,
});

interface Sent {
  method: string;
  path: string;
  body: unknown;
}

/** Stand in for the site: conversations as JSON, answers as a stream that the test feeds. */
export function room(turns: ChatTurn[]) {
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
