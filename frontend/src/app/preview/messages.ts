import type { Example } from "./example";

/** Between a protocol's page and the desk in its frame. */
export type Message = { type: "bennet.preview.ready" } | { type: "bennet.preview.show"; example: Example };

/** Listen for what the other window says; other senders are not heard. */
export function listenTo(other: () => Window | null | undefined, hear: (message: Message) => void): () => void {
  const listener = (event: MessageEvent) => {
    if (event.origin === location.origin && event.source === other()) hear(event.data as Message);
  };
  window.addEventListener("message", listener);
  return () => window.removeEventListener("message", listener);
}

export function tell(other: Window | null | undefined, message: Message): void {
  other?.postMessage(message, location.origin);
}
