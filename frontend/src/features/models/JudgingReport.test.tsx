import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { show } from "@/shared/testing/show";
import { AccuracyBars } from "./AccuracyBars";
import { judgingOf } from "./judging";
import { JudgingReport } from "./JudgingReport";

const share = (accuracy: number) => ({
  accuracy,
  low: accuracy - 0.05,
  high: accuracy + 0.05,
  pairs: 120,
  prompts: 60,
});
const metrics = {
  report: {
    in_fold: share(0.72),
    held_out_annotators: share(0.69),
    calibration: {
      ece: 0.08,
      brier: 0.21,
      temperature: 1.7,
      ece_after: 0.02,
      curve: [
        { confidence: 0.55, accuracy: 0.5, pairs: 60 },
        { confidence: 0.9, accuracy: 0.8, pairs: 60 },
      ],
    },
    slices: {
      language: [{ value: "en", ...share(0.7) }],
      strength: [
        { value: "0.50", ...share(0.6) },
        { value: "1.00", ...share(0.8) },
      ],
    },
    length: {
      correlation: 0.31,
      matched: share(0.66),
      shorter_chosen: { not_measured: "3 pairs" },
      longer_chosen: share(0.8),
    },
    position: { first_preferred: 0.53, first_won: share(0.7), later_won: share(0.7) },
  },
  ceiling: { agreement: 0.726, low: 0.7, high: 0.75, tasks: 80, split: "test", kind: "ranking" },
  annotators: { ab12: { reliability: 0.5, position: 0.1, length: -0.2 } },
  centred: { demonstrations: 300, score_means: [1.2] },
};
const result = { model: { accuracy: 0.7, low: 0.65, high: 0.75 }, baselines: [], pairs: 120, rankings: 60 };

it("puts accuracy, known and new annotators beside how far people agree", async () => {
  show(<AccuracyBars result={result} judging={judgingOf(metrics)} />);
  expect(await screen.findByText("People among themselves")).toBeVisible();
  expect(screen.getByText("72.6%")).toBeVisible();
  const strict = { ...metrics.ceiling, strict: 0.81, strict_low: 0.78, strict_high: 0.84 };
  expect(judgingOf({ ...metrics, ceiling: strict })?.ceiling).toMatchObject({ agreement: 0.81, low: 0.78, high: 0.84 });
  expect(screen.getByText("On annotators new to it")).toBeVisible();
  expect(screen.getByText(/0 is the mean score of 300 demonstrations/)).toBeVisible();
});

it("says what was not measured, and why", async () => {
  const unknown = { ...metrics, ceiling: { not_measured: "few" }, centred: { not_centred: "none" } };
  const report = { ...metrics.report, held_out_annotators: { not_measured: "none", pairs: 0 } };
  show(<AccuracyBars result={result} judging={judgingOf({ ...unknown, report })} />);
  expect(await screen.findByText(/People among themselves: not measured/)).toBeVisible();
  expect(screen.getByText(/did not learn from: not measured/)).toBeVisible();
  expect(screen.getByText(/no natural zero/)).toBeVisible();
});

it("tells how sure the model is, what it goes by, and where it is right", async () => {
  const judging = judgingOf(metrics);
  if (!judging) throw new Error("a report");
  show(<JudgingReport judging={judging} />);
  expect(await screen.findByText("Above 1: surer than it is right")).toBeVisible();
  const probes = within(screen.getByRole("table", { name: "What it may go by" }));
  expect(probes.getByRole("row", { name: /People chose the shorter too few pairs/ })).toBeVisible();
  const parts = within(screen.getByRole("table", { name: "Where it is right" }));
  expect(parts.getAllByRole("rowheader").map((cell) => cell.textContent)).toEqual(["Strength: 0.50", "Strength: 1.00"]);
  expect(screen.getByRole("row", { name: /ab12 0.50 0.10 -0.20/ })).toBeVisible();
});

it("shows nothing of a card that says nothing", () => {
  expect(judgingOf({ test: { accuracy: 0.7 } })).toBeNull();
});
