import { asProblem, type Problem } from "@/shared/api/problem";
import type { Submitted } from "@/shared/api/types";
import * as copies from "./outgoing";
import type { Outgoing } from "./outgoing";

export const FIRST_WAIT_MILLISECONDS = 1000;
const LONGEST_WAIT_MILLISECONDS = 20_000;
/** How long another tab may take over what it handed in, before this one sends it too. */
const OTHER_TAB_MILLISECONDS = 5000;

export interface OutboxState {
  waiting: readonly Outgoing[];
  refused: readonly Outgoing[];
  /** The last try did not get through. */
  isLineDown: boolean;
  isSignedOut: boolean;
  /** Something is in this page only: the browser's storage is full or closed. */
  isUnkept: boolean;
}

const NOTHING: OutboxState = { waiting: [], refused: [], isLineDown: false, isSignedOut: false, isUnkept: false };

export type Outcome = { outgoing: Outgoing; stored: Submitted } | { outgoing: Outgoing; refusal: Problem };

/**
 * Answers handed in that the server has not answered. Each waits under the key with which it was handed in, across
 * reloads and for every tab, and is sent until the server has stored it or has refused it for good.
 */
export class Outbox {
  private person: number | null = null;
  /** Handed in by this tab, which wants to hear what became of it even if another tab sent it first. */
  private readonly own = new Map<string, { outgoing: Outgoing; isKept: boolean }>();
  private readonly listeners = new Set<() => void>();
  private readonly hearers = new Set<(outcome: Outcome) => boolean>();
  private state: OutboxState = NOTHING;
  private failures = 0;
  private isSignedOut = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isSending = false;
  /** Asked to send, perhaps while sending. */
  private isWanted = false;

  constructor(private readonly sendOne: (outgoing: Outgoing) => Promise<Submitted>) {
    copies.onOutgoing(() => {
      this.hearOtherTab();
      this.sendIn(OTHER_TAB_MILLISECONDS);
    });
    window.addEventListener("online", () => void this.send());
  }

  /** Show and send this person's answers; those of others stay where they are. */
  open(person: number | null): void {
    this.person = person;
    this.look();
    void this.send();
  }

  put(answer: Omit<Outgoing, "person" | "refusal">): void {
    this.keep({ ...answer, person: this.person, refusal: null });
    void this.send();
  }

  isWaiting(claim: string): boolean {
    return this.state.waiting.some((outgoing) => outgoing.claim === claim);
  }

  drop(claim: string): void {
    this.own.delete(claim);
    copies.dropOutgoing(claim);
    this.look();
  }

  /** Hear what becomes of answers. Who returns true looks after a refused one, so that it is not kept here. */
  onOutcome(hearer: (outcome: Outcome) => boolean): () => void {
    this.hearers.add(hearer);
    return () => this.hearers.delete(hearer);
  }

  readonly current = (): OutboxState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Send all that waits, oldest first, in one tab at a time where the browser can tell. */
  async send(): Promise<void> {
    this.isWanted = true;
    if (this.isSending) return;
    this.isSending = true;
    clearTimeout(this.timer);
    while (this.isWanted) {
      this.isWanted = false;
      await inOneTab(() => this.sendEach());
    }
    this.isSending = false;
    this.sendIn(Math.min(FIRST_WAIT_MILLISECONDS * 2 ** (this.failures - 1), LONGEST_WAIT_MILLISECONDS));
  }

  private async sendEach(): Promise<void> {
    const tried = new Set<string>();
    for (;;) {
      this.look();
      const outgoing = this.state.waiting.find(({ claim }) => !tried.has(claim));
      if (!outgoing) return;
      tried.add(outgoing.claim);
      const problem = await this.sendOne(outgoing).then(
        (stored) => this.delivered(outgoing, stored),
        (error: unknown) => this.failed(outgoing, asProblem(error)),
      );
      // Without a line, or a session, the others would not get through either.
      if (problem?.status === 0 || problem?.status === 401) return;
    }
  }

  private delivered(outgoing: Outgoing, stored: Submitted): null {
    this.failures = 0;
    this.isSignedOut = false;
    this.drop(outgoing.claim);
    this.tell({ outgoing, stored });
    return null;
  }

  private failed(outgoing: Outgoing, problem: Problem): Problem {
    this.isSignedOut = problem.status === 401;
    const mayComeLater = problem.isTransient || problem.status >= 500 || this.isSignedOut;
    if (mayComeLater) this.failures += 1;
    else if (this.tell({ outgoing, refusal: problem })) this.drop(outgoing.claim);
    else this.keep({ ...outgoing, refusal: copies.asRefusal(problem) });
    this.look();
    return problem;
  }

  private tell(outcome: Outcome): boolean {
    return [...this.hearers].map((hear) => hear(outcome)).includes(true);
  }

  private keep(outgoing: Outgoing): void {
    const isKept = copies.keepOutgoing(outgoing);
    if (isKept && outgoing.refusal) this.own.delete(outgoing.claim);
    else this.own.set(outgoing.claim, { outgoing, isKept });
    this.look();
  }

  /** Another tab may have been refused what this one handed in. */
  private hearOtherTab(): void {
    for (const outgoing of copies.keptOutgoing()) {
      const wasWaiting = this.own.get(outgoing.claim)?.outgoing.refusal === null;
      if (!wasWaiting || !outgoing.refusal) continue;
      this.own.delete(outgoing.claim);
      if (this.tell({ outgoing, refusal: copies.asProblemAgain(outgoing.refusal) })) this.drop(outgoing.claim);
    }
    this.look();
  }

  private look(): void {
    const all = new Map([...this.own].map(([claim, { outgoing }]) => [claim, outgoing]));
    for (const outgoing of copies.keptOutgoing()) all.set(outgoing.claim, outgoing);
    const mine = [...all.values()].filter(({ person }) => person === this.person);
    mine.sort((one, other) => one.queued_at.localeCompare(other.queued_at));
    this.state = {
      waiting: mine.filter(({ refusal }) => !refusal),
      refused: mine.filter(({ refusal }) => refusal),
      isLineDown: this.failures > 0 && !this.isSignedOut,
      isSignedOut: this.isSignedOut,
      isUnkept: [...this.own.values()].some(({ isKept }) => !isKept),
    };
    this.listeners.forEach((listener) => listener());
  }

  private sendIn(milliseconds: number): void {
    clearTimeout(this.timer);
    if (this.state.waiting.length > 0) this.timer = setTimeout(() => void this.send(), milliseconds);
  }
}

/** Two tabs that send the same answer do no harm, only twice the work: a browser without locks lets them. */
async function inOneTab(job: () => Promise<void>): Promise<void> {
  const { locks } = navigator as Partial<Navigator>;
  await (locks ? locks.request("bennet.outbox", job) : job());
}
