import type { AnswerPayload, Claim } from "@/shared/api/types";
import { keptDraft } from "./claimMemory";

/** What a claim begins with: what is kept in this browser where that is newer, else the server's draft; empty without one. */
export function draftOf<Payload extends AnswerPayload>(claim: Claim): Partial<Payload> {
  return (keptDraft(claim.id, claim.draft_saved_at) ?? claim.draft ?? {}) as Partial<Payload>;
}
