import { describe, expect, it } from "vitest";
import { rewardResult } from "./modelMetrics";

const card = {
  test: { accuracy: 0.66, accuracy_low: 0.6, accuracy_high: 0.72, pairs: 400, rankings: 120 },
  baselines: { test: { longer_wins: { accuracy: 0.47, low: 0.42, high: 0.52 }, random: { accuracy: 0.5 } } },
};

describe("a reward model's card", () => {
  it("shows accuracy with its interval beside the baselines", () => {
    expect(rewardResult(card)).toEqual({
      model: { accuracy: 0.66, low: 0.6, high: 0.72 },
      baselines: [
        { name: "longer_wins", result: { accuracy: 0.47, low: 0.42, high: 0.52 } },
        { name: "random", result: { accuracy: 0.5, low: undefined, high: undefined } },
      ],
      pairs: 400,
      rankings: 120,
    });
  });

  it.each([[{}], [{ test: null }], [{ test: { accuracy: "high" } }]])(
    "without an accuracy (%j) shows none",
    (metrics) => {
      expect(rewardResult(metrics)).toBeNull();
    },
  );
});
