import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { conversationOptions, exportAddress, stopTurn } from "./api";
import { listen, type ChatEvent, type Place } from "./stream";

/** What is being said and answered, before it is part of the tree. */
export interface Live {
  /** The turn above what is live: the answer replied to, or the words that are answered once more. */
  above: number | null;
  said: string | null;
  answer: string;
  /** What is answered twice, where it is. */
  two: Readonly<Record<Place, { text: string; isGone: boolean }>> | null;
  isAnswering: boolean;
}

const NOTHING = { text: "", isGone: false };

/** One of two answers goes on, or ends without coming. */
function beside(live: Live, place: Place, change: (now: { text: string; isGone: boolean }) => typeof NOTHING): Live {
  return live.two ? { ...live, two: { ...live.two, [place]: change(live.two[place]) } } : live;
}

/** What is live after an event. */
export function after(live: Live, event: ChatEvent): Live {
  switch (event.type) {
    case "said":
    case "answering":
      return { ...live, isAnswering: true };
    case "choice":
      return { ...live, isAnswering: true, two: { left: NOTHING, right: NOTHING } };
    case "piece":
      if (!event.place) return { ...live, answer: live.answer + event.text };
      return beside(live, event.place, (now) => ({ ...now, text: now.text + event.text }));
    case "refused":
    case "failed":
      return event.place ? beside(live, event.place, (now) => ({ ...now, isGone: true })) : live;
    default:
      return live;
  }
}

/** Saying something and hearing the answer come: one at a time, stopped at will. */
export function useAnswering(projectId: number, conversationId: number) {
  const queries = useQueryClient();
  const [live, setLive] = useState<Live | null>(null);
  const [error, setError] = useState<unknown>(null);
  const listening = useRef<{ control: AbortController; turn: number | null }>(undefined);
  const base = exportAddress(projectId, conversationId).replace(/export\/$/, "");

  const hear = useCallback((event: ChatEvent) => {
    if (listening.current && (event.type === "said" || event.type === "answering")) listening.current.turn = event.turn;
    // To stop one of two stops both.
    if (listening.current && event.type === "choice") listening.current.turn = event.left;
    setLive((now) => now && after(now, event));
  }, []);

  const run = useCallback(
    async (path: string, body: object | undefined, begin: Live) => {
      const control = new AbortController();
      listening.current = { control, turn: null };
      setError(null);
      setLive(begin);
      try {
        await listen(base + path, body, control.signal, hear);
        return true;
      } catch (problem) {
        if (!control.signal.aborted) setError(problem);
        return control.signal.aborted;
      } finally {
        listening.current = undefined;
        await queries.invalidateQueries({ queryKey: conversationOptions(projectId, conversationId).queryKey });
        void queries.invalidateQueries({ queryKey: ["project", projectId, "conversations"] });
        setLive(null);
      }
    },
    [base, conversationId, hear, projectId, queries],
  );

  // Whoever leaves the page no longer listens, which ends the answer.
  useEffect(() => () => listening.current?.control.abort(), []);

  return {
    live,
    error,
    say: (text: string, above: number | null) =>
      run("messages/", { text, parent: above }, { above, said: text, answer: "", two: null, isAnswering: false }),
    tryAgain: (turn: number, above: number) =>
      run(`turns/${turn}/regenerate/`, undefined, { above, said: null, answer: "", two: null, isAnswering: true }),
    stop: async () => {
      const now = listening.current;
      if (now?.turn) await stopTurn(projectId, conversationId, now.turn).catch(() => undefined);
      now?.control.abort();
    },
  };
}
