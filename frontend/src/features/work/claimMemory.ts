import type { AnswerPayload } from "@/shared/api/types";

/** What this browser remembers of a claim: the key under which it is handed in, and text not yet at the server. */
const keyName = (id: string) => `bennet.claim.${id}.key`;
const draftName = (id: string) => `bennet.claim.${id}.draft`;

interface KeptDraft {
  payload: AnswerPayload;
  kept_at: string;
}

/** The same key for every try, also after a reload, so that a retried submit is stored once. */
export function idempotencyKey(id: string): string {
  const known = localStorage.getItem(keyName(id));
  if (known) return known;
  const fresh = crypto.randomUUID();
  localStorage.setItem(keyName(id), fresh);
  return fresh;
}

export function keepDraft(id: string, payload: AnswerPayload | null): void {
  if (payload === null) {
    localStorage.removeItem(draftName(id));
    return;
  }
  const kept: KeptDraft = { payload, kept_at: new Date().toISOString() };
  localStorage.setItem(draftName(id), JSON.stringify(kept));
}

/** The copy kept here, when the server's draft is older. */
export function keptDraft(id: string, savedAt: string | null): AnswerPayload | null {
  const text = localStorage.getItem(draftName(id));
  if (!text) return null;
  const kept = JSON.parse(text) as KeptDraft;
  return savedAt && Date.parse(savedAt) > Date.parse(kept.kept_at) ? null : kept.payload;
}

export function forgetClaim(id: string): void {
  localStorage.removeItem(keyName(id));
  localStorage.removeItem(draftName(id));
}
