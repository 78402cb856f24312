import { expect, it } from "vitest";
import { standFixture } from "./stand.fixture";
import { shareOf, standingOf } from "./standing";
import { isMoving } from "./api";

const model = { id: 1, name: "sft-1", deployable: true, created_at: "2026-11-27T00:00:00Z" };
const step = { target: null, station: null, is_order: false };

it("says how a station looks", () => {
  expect(standingOf(standFixture())).toBe("ahead");
  expect(standingOf(standFixture({ model }))).toBe("reached");
  expect(standingOf(standFixture({ model, step: { ...step, do: "wait_run" } }))).toBe("moving");
  expect(standingOf(standFixture({ stale_model: { id: 1, name: "sft-1" } }))).toBe("stale");
  expect(standingOf(standFixture({ station: "chat", step: { ...step, do: "chat" } }))).toBe("reached");
});

it("says how much of the data is there", () => {
  expect(shareOf(standFixture({ have: 3214 }))).toBeCloseTo(0.3214);
  expect(shareOf(standFixture({ have: 30_000 }))).toBe(1);
  expect(shareOf(standFixture({ need: null, have: null }))).toBeNull();
});

it("looks often while something is under way", () => {
  const run = {
    id: 1,
    stage: "sft",
    state: "running",
    progress_done: 0,
    progress_total: 9,
    eta_seconds: 1,
    error: "",
  } as const;
  const still = { stands: [standFixture()], walk: null, counted_at: null };
  expect(isMoving(still)).toBe(false);
  expect(isMoving({ ...still, stands: [standFixture({ run })] })).toBe(true);
  expect(isMoving({ ...still, stands: [standFixture({ run: { ...run, state: "done" } })] })).toBe(false);
});
