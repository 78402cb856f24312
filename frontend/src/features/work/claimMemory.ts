import type { AnswerPayload } from "@/shared/api/types";
import { copyNames, dropCopy, onCopies, readCopy, writeCopy } from "@/shared/hooks/localCopies";

/** What this browser keeps of a claim until it is handed in: what was written last, saved at the server or not. */
const DRAFTS = "bennet.draft.";
const FORGET_AFTER_DAYS = 60;

interface KeptDraft {
  payload: AnswerPayload;
  seconds: number;
  kept_at: string;
  /** When the server last took a draft from here, by its own clock. */
  saved_at: string | null;
  /** Whether that draft was this one. */
  is_saved: boolean;
}

export function keepDraft(id: string, payload: AnswerPayload, seconds = 0, saved_at: string | null = null): boolean {
  const kept: KeptDraft = { payload, seconds, kept_at: new Date().toISOString(), saved_at, is_saved: false };
  return writeCopy(DRAFTS + id, kept);
}

/** The server has this payload now. What was written meanwhile it has not. */
export function markSaved(id: string, payload: AnswerPayload, saved_at: string): void {
  const kept = copyOf(id);
  if (!kept) return;
  const is_saved = JSON.stringify(kept.payload) === JSON.stringify(payload);
  writeCopy(DRAFTS + id, { ...kept, saved_at, is_saved });
}

/** The copy kept here, unless the server's draft is newer. */
export function keptDraft(id: string, savedAt: string | null): AnswerPayload | null {
  return newerCopy(id, savedAt)?.payload ?? null;
}

/** Whether something is kept here that the server has not got. */
export function isUnsaved(id: string, savedAt: string | null): boolean {
  return newerCopy(id, savedAt)?.is_saved === false;
}

/** How long this claim was worked on, as far as is known here. */
export const keptSeconds = (id: string) => copyOf(id)?.seconds ?? 0;

export const forgetDraft = (id: string) => dropCopy(DRAFTS + id);

/** Hear when another tab writes this claim's draft. */
export const onDraft = (id: string, hear: () => void) => onCopies(DRAFTS + id, hear);

/** Leave only what has not reached the server: at sign-out, so that nothing needless stays on a shared machine. */
export const forgetSaved = () => forgetWhere((kept) => kept.is_saved);

/** Drop what nobody came back for in two months. */
export const forgetOld = (now: number) =>
  forgetWhere((kept) => now - Date.parse(kept.kept_at) > FORGET_AFTER_DAYS * 24 * 3_600_000);

function forgetWhere(isDue: (kept: KeptDraft) => boolean): void {
  for (const name of copyNames(DRAFTS)) {
    const kept = readCopy(name) as KeptDraft | null;
    if (kept && isDue(kept)) dropCopy(name);
  }
}

function copyOf(id: string): KeptDraft | null {
  return readCopy(DRAFTS + id) as KeptDraft | null;
}

/** Clocks are compared only where the server's draft came from elsewhere: this machine's may be wrong. */
function newerCopy(id: string, savedAt: string | null): KeptDraft | null {
  const kept = copyOf(id);
  if (!kept || !savedAt || kept.saved_at === savedAt) return kept;
  const known = kept.is_saved && kept.saved_at ? kept.saved_at : kept.kept_at;
  return Date.parse(known) >= Date.parse(savedAt) ? kept : null;
}
