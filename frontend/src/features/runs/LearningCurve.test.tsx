import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { LearningCurve as Curve, LearningCurveFound } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import type { NewRun } from "./api";
import { boughtBy } from "@/shared/api/forecast";
import { lineOf, marksOf } from "./curveScale";
import { LearningCurve } from "./LearningCurve";

const found: LearningCurveFound = {
  measure: "accuracy",
  better: "higher",
  points: [
    { share: 0.5, judgements: 500, value: 0.6, error: 0.02, runs: 1 },
    { share: 1, judgements: 1000, value: 0.62, error: 0.02, runs: 1 },
  ],
  fit: { at_one: 0.4, slope: 0.03 },
  forecast: { more: 1000, gain: 0.021, low: 0.004, high: 0.0385 },
};
const row = (changes: Partial<Curve>): Curve => ({
  id: 9,
  release: { id: 3, name: "First" },
  stage: "reward",
  state: "done",
  seeds: 1,
  progress_done: 4,
  progress_total: 4,
  found,
  error: "",
  created_at: "2030-01-01T00:00:00Z",
  finished_at: null,
  created_by: { id: 1, name: "Jane" },
  ...changes,
});
const ORDER: NewRun = { release: 3, stage: "reward", start: { preset: "tiny" }, config: {} };

function panel(rows: Curve[], order: NewRun | null = ORDER) {
  const calls = fakeNetwork((call) =>
    call.method === "GET" ? { body: { results: rows, next: null, previous: null } } : { status: 202, body: row({}) },
  );
  show(<LearningCurve projectId={1} release={3} stage="reward" order={order} />);
  return calls;
}

it("says what the next judgements would buy, with its interval, and gives every point to those who see no plot", async () => {
  panel([row({})]);
  expect(await screen.findByRole("status")).toHaveTextContent(
    "The next 1,000 judgements would buy 2.1 percentage points of accuracy, between 0.4 and 3.9.",
  );
  expect(screen.getByRole("figure")).toHaveTextContent("500 judgements: 60%; 1,000 judgements: 62%");
});

it("orders what the form shows, and shows a growing curve that can be cancelled", async () => {
  const calls = panel([]);
  await userEvent.click(await screen.findByRole("button", { name: "Measure" }));
  expect(calls.find((call) => call.method === "POST")).toMatchObject({
    path: "/api/projects/1/learning-curves/",
    body: { ...ORDER, seeds: 1 },
  });
});

it("shows how far it is, and lets go of it", async () => {
  const calls = panel([row({ state: "running", progress_done: 2, found: { ...found, forecast: null } })]);
  expect(await screen.findByText("2 of 4 trainings")).toBeVisible();
  expect(screen.queryByRole("status")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect(calls.find((call) => call.method === "POST")?.path).toBe("/api/projects/1/learning-curves/9/cancel/");
});

it("goes on where it failed, says why, and claims nothing that it does not know", async () => {
  panel([row({ state: "failed", error: "Memory ran out.", found: { ...found, forecast: null } })]);
  expect(await screen.findByRole("alert")).toHaveTextContent("Memory ran out.");
  expect(screen.getByRole("button", { name: "Go on" })).toBeEnabled();
});

it("turns a loss round, so that more is better, and reads the line on in the logarithm", () => {
  const loss = { ...found, better: "lower", forecast: { more: 1000, gain: -0.1, low: -0.3, high: 0.05 } } as const;
  expect(boughtBy({ ...loss, measure: "loss" })).toEqual({ more: 1000, gain: 0.1, low: -0.05, high: 0.3 });
  expect(marksOf(found)[0]).toMatchObject({ low: 0.6 - 0.0392, high: 0.6 + 0.0392 });
  const line = lineOf(found, 500, 2000);
  expect(line[0]?.y).toBeCloseTo(0.4 + 0.03 * Math.log(500));
  expect(line.at(-1)?.x).toBeCloseTo(2000);
  expect(lineOf({ ...found, fit: null }, 1, 2)).toEqual([]);
});
