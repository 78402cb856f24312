import { ANSWER_STATES, LEVELS, type AgreementLevel, type AnswerState } from "@/shared/api/types";

/** Which answers a reviewer looks at: kept in the page's address, so that it can be sent to somebody. */
export interface AnswerFilter {
  q?: string;
  protocol?: number;
  annotator?: number;
  state?: AnswerState;
  agreement?: AgreementLevel;
  flag?: string;
  guideline?: number;
  since?: string;
  until?: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const FLAG = /^[a-z][a-z0-9_]{0,79}$/;

/** Read a filter from an address; what makes no sense there is left out. */
export function answerFilterIn(search: Record<string, unknown>): AnswerFilter {
  const number = (value: unknown) =>
    Number.isSafeInteger(Number(value)) && Number(value) > 0 ? Number(value) : undefined;
  const matching = (value: unknown, pattern: RegExp) =>
    typeof value === "string" && pattern.test(value) ? value : undefined;
  const read: AnswerFilter = {
    q: typeof search.q === "string" || typeof search.q === "number" ? String(search.q) || undefined : undefined,
    protocol: number(search.protocol),
    annotator: number(search.annotator),
    state: ANSWER_STATES.find((state) => state === search.state),
    agreement: LEVELS.find((level) => level === search.agreement),
    flag: matching(search.flag, FLAG),
    guideline: number(search.guideline),
    since: matching(search.since, DAY),
    until: matching(search.until, DAY),
  };
  return withoutGaps(read);
}

/** Two filters that ask the same are equal key by key. */
export function withoutGaps(filter: AnswerFilter): AnswerFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== ""));
}
