import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forgetOld, forgetSaved, isUnsaved, keepDraft, keptDraft, keptSeconds, markSaved } from "./claimMemory";

const typed = { completion: "Half a thought" };
const EARLY = "2030-01-01T11:00:00Z";
const LATE = "2030-01-01T13:00:00Z";

beforeEach(() => vi.useFakeTimers({ now: Date.parse("2030-01-01T12:00:00Z") }));
afterEach(() => vi.useRealTimers());

describe("what is kept of a claim", () => {
  it("is what was typed last, with the time spent on it", () => {
    keepDraft("a", typed, 12);
    expect(keptDraft("a", null)).toEqual(typed);
    expect(keptSeconds("a")).toBe(12);
    expect(keptDraft("b", null)).toBeNull();
  });

  it("is newer than an older draft at the server, older than a newer one", () => {
    keepDraft("a", typed);
    expect(keptDraft("a", EARLY)).toEqual(typed);
    expect(keptDraft("a", LATE)).toBeNull();
  });

  it("goes before the draft it was written on, however wrong this machine's clock is", () => {
    keepDraft("a", typed, 0, LATE);
    expect(keptDraft("a", LATE)).toEqual(typed);
    expect(isUnsaved("a", LATE)).toBe(true);
  });

  it("is saved once the server has it, unless more was typed meanwhile", () => {
    keepDraft("a", typed);
    markSaved("a", typed, LATE);
    expect(isUnsaved("a", LATE)).toBe(false);
    expect(keptDraft("a", LATE)).toEqual(typed);
    keepDraft("a", { completion: "Half a thought, and more" }, 0, LATE);
    markSaved("a", typed, LATE);
    expect(isUnsaved("a", LATE)).toBe(true);
  });

  it("gives way to a draft that another machine saved after it", () => {
    keepDraft("a", typed);
    markSaved("a", typed, EARLY);
    expect(keptDraft("a", LATE)).toBeNull();
  });

  it("goes at sign-out if the server has it, and stays if not", () => {
    keepDraft("a", typed);
    keepDraft("b", typed);
    markSaved("b", typed, LATE);
    forgetSaved();
    expect([keptDraft("a", null), keptDraft("b", null)]).toEqual([typed, null]);
  });

  it("goes when nobody came back for it in two months", () => {
    keepDraft("a", typed);
    forgetOld(Date.now() + 59 * 24 * 3_600_000);
    expect(keptDraft("a", null)).toEqual(typed);
    forgetOld(Date.now() + 61 * 24 * 3_600_000);
    expect(keptDraft("a", null)).toBeNull();
  });

  it("says so when the browser takes no more", () => {
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    expect(keepDraft("a", typed)).toBe(false);
  });
});
