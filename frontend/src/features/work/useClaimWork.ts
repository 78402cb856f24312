import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem } from "@/shared/api/problem";
import type { AnswerPayload, Claim } from "@/shared/api/types";
import type { DraftStore } from "@/shared/hooks/draftKeeper";
import { useActiveSeconds } from "@/shared/hooks/useActiveSeconds";
import { useDraft } from "@/shared/hooks/useDraft";
import { useStepSeconds } from "@/shared/hooks/useStepSeconds";
import { claimOptions, saveDraft } from "./api";
import { forgetDraft, isUnsaved, keepDraft, keptSeconds, markSaved } from "./claimMemory";
import { isOpenElsewhere, useFollowing } from "./editingTab";
import { useOutbox } from "./outbox/theOutbox";
import { useAhead } from "./useAhead";
import { useHandIn, type HandedIn } from "./useHandIn";
import { useHeartbeat } from "./useHeartbeat";
import { usePastes } from "./usePastes";

export type ClaimWork = ReturnType<typeof useClaimWork>;

/** All that a claim needs besides its editor: lease, draft, time and the ways to hand it in. */
export function useClaimWork(
  claim: Claim,
  payload: AnswerPayload,
  onEnd: (end: HandedIn | null) => Promise<void>,
  step: string,
) {
  const queries = useQueryClient();
  const isFollowing = useFollowing();
  const { isLineDown, isSignedOut } = useOutbox();
  const seconds = useActiveSeconds(Math.max(claim.draft_seconds, keptSeconds(claim.id)));
  const stepSeconds = useStepSeconds(seconds, step, claim.draft_step_seconds);
  const { pastes, addPaste } = usePastes(claim.id);
  const { lease, isShown } = useHeartbeat(claim);
  const ahead = useAhead(claim, isShown && !isFollowing);
  const [hasSession, setSession] = useState(true);
  const [store] = useState<DraftStore<AnswerPayload>>(() => {
    let savedAt = claim.draft_saved_at;
    return {
      keep: (value) => isOpenElsewhere(claim.id) || keepDraft(claim.id, value, seconds(), savedAt),
      forget: () => forgetDraft(claim.id),
      save: async (value, leaving) => {
        if (isOpenElsewhere(claim.id)) return;
        const time = { seconds: seconds(), step_seconds: stepSeconds() };
        try {
          savedAt = (await saveDraft(claim.id, value, time, leaving)).saved_at;
        } catch (error) {
          setSession(asProblem(error).status !== 401);
          throw error;
        }
        setSession(true);
        markSaved(claim.id, value, savedAt);
        const spent = { draft_seconds: time.seconds, draft_step_seconds: time.step_seconds };
        const saved = { draft: { ...value }, ...spent, draft_saved_at: savedAt };
        queries.setQueryData(claimOptions(claim.id).queryKey, (old) => old && { ...old, ...saved });
      },
    };
  });
  const [start] = useState(() => ({
    state: claim.draft ? ("saved" as const) : ("clean" as const),
    isUnsaved: !isFollowing && isUnsaved(claim.id, claim.draft_saved_at),
  }));
  const draft = useDraft(payload, store, start);
  const handIn = useHandIn(claim, ahead, (end) => {
    draft.close();
    return onEnd(end);
  });
  const isBusy = handIn.isWaiting || handIn.skipping.isPending || handIn.releasing.isPending;
  return {
    lease: isSignedOut || !hasSession ? ("signed_out" as const) : lease,
    draftState: draft.state,
    isBusy,
    isNextAtHand: ahead !== null,
    isWaitingForLine: handIn.isWaiting && isLineDown,
    error: handIn.refusal ?? handIn.skipping.error ?? handIn.releasing.error,
    /** What was refused and stands on screen still, for taking elsewhere. */
    refused: handIn.refusal && payload,
    pastes,
    /** So many characters came in from the clipboard just now. */
    pasted: (characters: number) => addPaste({ characters, at_seconds: seconds() }),
    submit: () => {
      const time = { seconds: seconds(), step_seconds: stepSeconds() };
      if (!isBusy && !isFollowing) handIn.submit({ payload: { ...payload }, ...time, evidence: { pastes } });
    },
    skip: handIn.skipping.mutate,
    giveBack: () => handIn.releasing.mutate(),
  };
}
