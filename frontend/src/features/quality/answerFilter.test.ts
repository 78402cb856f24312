import { expect, it } from "vitest";
import { answerFilterIn, withoutGaps } from "./answerFilter";

it("reads all of a filter from an address", () => {
  const filter = {
    q: "lease",
    protocol: 2,
    annotator: 3,
    state: "struck",
    agreement: "disagrees",
    flag: "all_bad",
    guideline: 1,
    since: "2030-01-01",
    until: "2030-01-31",
  };
  expect(answerFilterIn({ ...filter, page: 4 })).toEqual(filter);
  expect(answerFilterIn({ protocol: "2", q: 1984 })).toEqual({ protocol: 2, q: "1984" });
});

it("leaves out what makes no sense", () => {
  const wrong = { q: "", protocol: -1, annotator: "x", state: "lost", agreement: 1, flag: "A b", since: "soon" };
  expect(answerFilterIn(wrong)).toEqual({});
});

it("has no gaps", () => {
  expect(withoutGaps({ q: "", protocol: undefined, annotator: 3 })).toEqual({ annotator: 3 });
});
