import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { AnswerPayload, Claim } from "@/shared/api/types";
import type { DraftStore } from "@/shared/hooks/draftKeeper";
import { useActiveSeconds } from "@/shared/hooks/useActiveSeconds";
import { useDraft } from "@/shared/hooks/useDraft";
import { claimOptions, saveDraft } from "./api";
import { keepDraft, keptDraft } from "./claimMemory";
import { useHandIn, type HandedIn } from "./useHandIn";
import { useHeartbeat } from "./useHeartbeat";

export type ClaimWork = ReturnType<typeof useClaimWork>;

/** All that a claim needs besides its editor: lease, draft, time and the ways to hand it in. */
export function useClaimWork(claim: Claim, payload: AnswerPayload, onEnd: (end: HandedIn | null) => Promise<void>) {
  const queries = useQueryClient();
  const seconds = useActiveSeconds(claim.draft_seconds);
  const lease = useHeartbeat(claim);
  const [store] = useState<DraftStore<AnswerPayload>>(() => ({
    keep: (value) => keepDraft(claim.id, value),
    save: async (value, leaving) => {
      const { saved_at } = await saveDraft(claim.id, value, seconds(), leaving);
      const draft = { ...value } as Record<string, unknown>;
      const draft_seconds = seconds();
      queries.setQueryData(
        claimOptions(claim.id).queryKey,
        (old) => old && { ...old, draft, draft_seconds, draft_saved_at: saved_at },
      );
    },
  }));
  const [start] = useState(() => ({
    state: claim.draft ? ("saved" as const) : ("clean" as const),
    isUnsaved: keptDraft(claim.id, claim.draft_saved_at) !== null,
  }));
  const draft = useDraft(payload, store, start);
  const handIn = useHandIn(claim, (end) => {
    draft.close();
    return onEnd(end);
  });
  const isBusy = handIn.submitting.isPending || handIn.skipping.isPending || handIn.releasing.isPending;
  return {
    lease,
    draftState: draft.state,
    isBusy,
    isWaitingForLine: handIn.submitting.isPending && handIn.submitting.failureCount > 0,
    error: handIn.submitting.error ?? handIn.skipping.error ?? handIn.releasing.error,
    submit: () => {
      if (!isBusy) handIn.submitting.mutate({ payload, seconds: seconds() });
    },
    skip: handIn.skipping.mutate,
    giveBack: () => handIn.releasing.mutate(),
  };
}
