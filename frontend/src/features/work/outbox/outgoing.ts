import { Problem } from "@/shared/api/problem";
import type { AnswerBody } from "@/shared/api/types";
import { copyNames, dropCopy, onCopies, readCopy, writeCopy } from "@/shared/hooks/localCopies";

const COPIES = "bennet.outbox.";

/** An answer handed in: what is sent, whose it is, and what it is called while it waits. */
export interface Outgoing {
  claim: string;
  person: number | null;
  protocol: { id: number; name: string };
  /** The opening words of what it answers. */
  about: string;
  answer: AnswerBody;
  queued_at: string;
  refusal: Refusal | null;
}

export type Refusal = Pick<Problem, "status" | "code" | "detail" | "fields">;

export const asRefusal = ({ status, code, detail, fields }: Problem): Refusal => ({ status, code, detail, fields });

export const asProblemAgain = ({ status, code, detail, fields }: Refusal) => new Problem(status, code, detail, fields);

export const keepOutgoing = (outgoing: Outgoing): boolean => writeCopy(COPIES + outgoing.claim, outgoing);

export const dropOutgoing = (claim: string) => dropCopy(COPIES + claim);

/** Everybody's, oldest first. */
export function keptOutgoing(): Outgoing[] {
  const kept = copyNames(COPIES).map((name) => readCopy(name) as Outgoing | null);
  return kept.filter((outgoing) => outgoing !== null);
}

export const onOutgoing = (hear: () => void) => onCopies(COPIES, hear);
