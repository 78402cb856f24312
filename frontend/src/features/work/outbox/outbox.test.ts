import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "@/shared/api/problem";
import type { Submitted } from "@/shared/api/types";
import { FIRST_WAIT_MILLISECONDS, Outbox, type Outcome } from "./outbox";
import { keepOutgoing, type Outgoing } from "./outgoing";

const ADA = 7;
const offline = new Problem(0, "network", "");
const stored: Submitted = {
  answer: { id: 1, is_spare: false, submitted_at: "2030-01-01T00:00:00Z" },
  next: null,
  no_work: null,
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("navigator", { locks: undefined });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function answerTo(claim: string, change: Partial<Outgoing> = {}): Outgoing {
  const answer = { payload: { completion: `To ${claim}` }, seconds: 3, idempotency_key: `key-${claim}` };
  const queued_at = `2030-01-01T00:00:0${claim.length}Z`;
  const protocol = { id: 2, name: "Write" };
  return { claim, person: ADA, protocol, about: "Why?", answer, queued_at, refusal: null, ...change };
}

/** An outbox on a line that does what the script says, try by try, and then works. */
function outboxOn(...script: (Problem | "ok")[]) {
  const sent: string[] = [];
  const outcomes: Outcome[] = [];
  const outbox = new Outbox((outgoing) => {
    sent.push(outgoing.answer.idempotency_key);
    const step = script.shift() ?? "ok";
    return step === "ok" ? Promise.resolve(stored) : Promise.reject(step);
  });
  outbox.open(ADA);
  outbox.onOutcome((outcome) => outcomes.push(outcome) < 0);
  return { outbox, sent, outcomes };
}

const kept = () => Object.keys(localStorage).filter((name) => name.startsWith("bennet.outbox."));
const settle = () => vi.advanceTimersByTimeAsync(0);

describe("an answer handed in", () => {
  it("is sent at once, kept until it is stored, and then forgotten", async () => {
    const { outbox, sent, outcomes } = outboxOn();
    outbox.put(answerTo("a"));
    expect(kept()).toHaveLength(1);
    expect(outbox.isWaiting("a")).toBe(true);
    await settle();
    expect(sent).toEqual(["key-a"]);
    expect(outcomes).toMatchObject([{ outgoing: { claim: "a" }, stored }]);
    expect(kept()).toEqual([]);
    expect(outbox.isWaiting("a")).toBe(false);
  });

  it("is sent under the same key until it arrives, ever more seldom", async () => {
    const { outbox, sent } = outboxOn(offline, new Problem(503, "", ""), new Problem(500, "", ""));
    outbox.put(answerTo("a"));
    await settle();
    expect(outbox.current().isLineDown).toBe(true);
    await vi.advanceTimersByTimeAsync(FIRST_WAIT_MILLISECONDS);
    expect(sent).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(FIRST_WAIT_MILLISECONDS);
    expect(sent).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(5 * FIRST_WAIT_MILLISECONDS);
    expect(sent).toEqual(["key-a", "key-a", "key-a", "key-a"]);
    expect(outbox.current()).toMatchObject({ isLineDown: false, waiting: [] });
  });

  it("is sent as soon as the browser is online again", async () => {
    const { outbox, sent } = outboxOn(offline);
    outbox.put(answerTo("a"));
    await settle();
    window.dispatchEvent(new Event("online"));
    await settle();
    expect(sent).toHaveLength(2);
  });

  it("waits its turn behind what was handed in before", async () => {
    const { outbox, sent } = outboxOn(offline);
    await settle();
    outbox.put(answerTo("bb"));
    outbox.put(answerTo("a"));
    await vi.advanceTimersByTimeAsync(FIRST_WAIT_MILLISECONDS);
    expect(sent).toEqual(["key-bb", "key-a", "key-bb"]);
  });

  it("survives the page: the next one sends it", async () => {
    keepOutgoing(answerTo("a"));
    const { outbox, sent } = outboxOn();
    await settle();
    expect(sent).toEqual(["key-a"]);
    expect(outbox.current().waiting).toEqual([]);
  });

  it("is not sent by somebody else at the same machine, nor shown to them", async () => {
    keepOutgoing(answerTo("a", { person: ADA + 1 }));
    const { outbox, sent } = outboxOn();
    await settle();
    expect(sent).toEqual([]);
    expect(outbox.current().waiting).toEqual([]);
    expect(kept()).toHaveLength(1);
  });

  it("waits for its person to sign in again", async () => {
    const { outbox, sent } = outboxOn(new Problem(401, "not_authenticated", ""));
    outbox.put(answerTo("a"));
    await settle();
    expect(outbox.current()).toMatchObject({ isSignedOut: true, isLineDown: false });
    await vi.advanceTimersByTimeAsync(FIRST_WAIT_MILLISECONDS);
    expect(sent).toHaveLength(2);
    expect(outbox.current().isSignedOut).toBe(false);
  });

  it("is sent from memory where the browser keeps nothing, and said to be in this page only", async () => {
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    const { outbox, sent } = outboxOn(offline);
    outbox.put(answerTo("a"));
    await settle();
    expect(outbox.current()).toMatchObject({ isUnkept: true, waiting: [{ claim: "a" }] });
    await vi.advanceTimersByTimeAsync(FIRST_WAIT_MILLISECONDS);
    expect(sent).toHaveLength(2);
    expect(outbox.current()).toMatchObject({ isUnkept: false, waiting: [] });
  });
});

describe("a refused answer", () => {
  const refusal = new Problem(400, "invalid_answer", "Rank every completion.", { payload: "c3 is missing" });

  it("stays with its text until it is looked after, also in the next page", async () => {
    const { outbox } = outboxOn(refusal);
    outbox.put(answerTo("a"));
    await settle();
    const { refused } = outboxOn().outbox.current();
    expect(refused).toMatchObject([
      { answer: { payload: { completion: "To a" } }, refusal: { status: 400, detail: "Rank every completion." } },
    ]);
    outbox.drop("a");
    expect(outbox.current().refused).toEqual([]);
    expect(kept()).toEqual([]);
  });

  it("is left to the desk that still shows it", async () => {
    const { outbox } = outboxOn(refusal);
    outbox.onOutcome(() => true);
    outbox.put(answerTo("a"));
    await settle();
    expect(outbox.current()).toMatchObject({ refused: [], waiting: [] });
  });

  it("does not hold up the others, as a missing line does", async () => {
    const { outbox, sent } = outboxOn(refusal);
    outbox.put(answerTo("a"));
    outbox.put(answerTo("bb"));
    await settle();
    expect(sent).toEqual(["key-a", "key-bb"]);
  });
});

describe("two tabs", () => {
  const fromOtherTab = (claim: string) =>
    window.dispatchEvent(new StorageEvent("storage", { key: `bennet.outbox.${claim}` }));

  it("see each other's answers, and the second sends what the first did not get to", async () => {
    const { outbox, sent } = outboxOn();
    keepOutgoing(answerTo("a"));
    fromOtherTab("a");
    expect(outbox.isWaiting("a")).toBe(true);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toEqual(["key-a"]);
  });

  it("hear of a refusal that the other was told", async () => {
    const { outbox, outcomes } = outboxOn(offline);
    outbox.put(answerTo("a"));
    await settle();
    const refusal = { status: 409, code: "claim_ended", detail: "", fields: {} };
    keepOutgoing(answerTo("a", { refusal }));
    fromOtherTab("a");
    expect(outcomes).toMatchObject([{ refusal: { status: 409 } }]);
    expect(outbox.current()).toMatchObject({ waiting: [], refused: [{ claim: "a" }] });
  });
});
