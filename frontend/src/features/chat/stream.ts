import { csrfToken } from "@/shared/api/client";
import { Problem } from "@/shared/api/problem";

/** What a stream tells, in this order: who answers, pieces that were checked, and how it ended. */
export type ChatEvent =
  | { type: "said"; turn: number }
  | { type: "answering"; turn: number; parent: number }
  | { type: "choice"; turn: number; left: number; right: number }
  | { type: "piece"; text: string; place?: Place }
  | { type: "done"; turn: number; state?: string; place?: Place }
  | { type: "refused"; turn: number; side: "input" | "output"; categories: string[]; place?: Place }
  | { type: "failed"; turn: number; error: string; place?: Place }
  | { type: "choose" | "settled"; turn: number };

/** Where one of two answers stands. */
export type Place = "left" | "right";

/** The whole events at the front of what has come, and the rest of it. */
export function eventsIn(text: string): [ChatEvent[], string] {
  const parts = text.split("\n\n");
  const rest = parts.pop() ?? "";
  return [
    parts.filter((part) => part.startsWith("data: ")).map((part) => JSON.parse(part.slice(6)) as ChatEvent),
    rest,
  ];
}

/** Ask, and hear each event as it comes. Refusals before the first are thrown as Problem. */
export async function listen(
  address: string,
  body: object | undefined,
  signal: AbortSignal,
  onEvent: (event: ChatEvent) => void,
): Promise<void> {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
    body: body && JSON.stringify(body),
    signal,
  });
  if (!answer.ok || !answer.body) throw await Problem.from(answer);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  signal.addEventListener("abort", () => void reader.cancel().catch(() => undefined));
  let held = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const [events, rest] = eventsIn(held + read.value);
    held = rest;
    events.forEach(onEvent);
  }
}
