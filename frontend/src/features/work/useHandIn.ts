import { useMutation, useQueryClient } from "@tanstack/react-query";
import { asProblem } from "@/shared/api/problem";
import type { AnswerPayload, Claim, SkipReason } from "@/shared/api/types";
import { claimOptions, giveBack, skip, submit, workOptions } from "./api";
import { forgetClaim, idempotencyKey } from "./claimMemory";

const LONGEST_WAIT_MILLISECONDS = 20_000;

export interface HandedIn {
  next: Claim | null;
  isSpare: boolean;
}

/** The three ways to end a claim. A submit that does not get through is sent again until it does. */
export function useHandIn(claim: Claim, onEnd: (end: HandedIn | null) => Promise<void>) {
  const queries = useQueryClient();
  const end = async (handedIn: HandedIn | null) => {
    forgetClaim(claim.id);
    if (handedIn?.next) queries.setQueryData(claimOptions(handedIn.next.id).queryKey, handedIn.next);
    void queries.invalidateQueries({ queryKey: workOptions.queryKey });
    await onEnd(handedIn);
    // Only now: its page has gone on to the next claim.
    queries.removeQueries({ queryKey: claimOptions(claim.id).queryKey });
  };
  const submitting = useMutation({
    mutationFn: (answer: { payload: AnswerPayload; seconds: number }) =>
      submit(claim.id, answer.payload, answer.seconds, idempotencyKey(claim.id)),
    retry: (_, error) => asProblem(error).isTransient,
    retryDelay: (tries) => Math.min(1000 * 2 ** tries, LONGEST_WAIT_MILLISECONDS),
    onSuccess: ({ next, answer }) => end({ next, isSpare: answer.is_spare }),
  });
  const skipping = useMutation({
    mutationFn: (why: { reason: SkipReason; note: string }) => skip(claim.id, why.reason, why.note),
    onSuccess: ({ next }) => end({ next, isSpare: false }),
  });
  const releasing = useMutation({ mutationFn: () => giveBack(claim.id), onSuccess: () => end(null) });
  return { submitting, skipping, releasing };
}
