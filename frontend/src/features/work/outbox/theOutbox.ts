import { useSyncExternalStore } from "react";
import { submit } from "../api";
import { Outbox, type OutboxState } from "./outbox";

/** The one outbox of this tab. It lives as long as the page does: no route change stops it. */
export const outbox = new Outbox(({ claim, answer }) => submit(claim, answer));

export function useOutbox(): OutboxState {
  return useSyncExternalStore(outbox.subscribe, outbox.current);
}
