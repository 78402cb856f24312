import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { Problem } from "@/shared/api/problem";
import { newKey } from "@/shared/api/sendOnce";
import type { AnswerBody, Claim, NoWork, SkipReason } from "@/shared/api/types";
import { claimOptions, giveBack, skip, workOptions } from "./api";
import type { Outcome } from "./outbox/outbox";
import { outbox } from "./outbox/theOutbox";

export interface HandedIn {
  next: Claim | null;
  /** Why there is no next one. */
  noWork: NoWork | null;
}

/**
 * The three ways to end a claim. An answer goes to the outbox, which sends it whatever becomes of this page; the screen
 * moves on at once to the claim fetched ahead, or waits here for the reply that brings the next one.
 */
export function useHandIn(claim: Claim, ahead: Claim | null, onEnd: (end: HandedIn | null) => Promise<void>) {
  const queries = useQueryClient();
  const isHandedIn = useRef(false);
  const [isWaiting, setWaiting] = useState(false);
  const [refusal, setRefusal] = useState<Problem | null>(null);
  const end = async (handedIn: HandedIn | null) => {
    if (handedIn?.next) queries.setQueryData(claimOptions(handedIn.next.id).queryKey, handedIn.next);
    void queries.invalidateQueries({ queryKey: workOptions.queryKey });
    await onEnd(handedIn);
    // Only now: its page has gone on to the next claim.
    queries.removeQueries({ queryKey: claimOptions(claim.id).queryKey });
  };
  const hear = useEffectEvent((outcome: Outcome) => {
    if (!isWaiting || outcome.outgoing.claim !== claim.id) return false;
    setWaiting(false);
    if ("stored" in outcome) void end({ next: outcome.stored.next, noWork: outcome.stored.no_work });
    else {
      isHandedIn.current = false;
      setRefusal(outcome.refusal);
    }
    return true;
  });
  useEffect(() => outbox.onOutcome((outcome) => hear(outcome)), []);
  const submit = (answer: Omit<AnswerBody, "idempotency_key" | "showing">) => {
    if (isHandedIn.current) return;
    isHandedIn.current = true;
    const { id, protocol, messages } = claim;
    outbox.put({
      claim: id,
      protocol: { id: protocol.id, name: protocol.name },
      about: messages.at(-1)?.content.slice(0, 200) ?? "",
      answer: { ...answer, idempotency_key: newKey(), showing: ahead?.id ?? null },
      queued_at: new Date().toISOString(),
    });
    setRefusal(null);
    setWaiting(ahead === null);
    if (ahead) void end({ next: ahead, noWork: null });
  };
  const skipping = useMutation({
    mutationFn: (why: { reason: SkipReason; note: string }) => skip(claim.id, why.reason, why.note),
    onSuccess: ({ next, no_work: noWork }) => end({ next, noWork }),
  });
  const releasing = useMutation({ mutationFn: () => giveBack(claim.id), onSuccess: () => end(null) });
  return { submit, isWaiting, refusal, skipping, releasing };
}
