import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Import } from "@/shared/api/types";
import { show } from "@/shared/testing/show";
import { ImportProgress } from "./ImportProgress";
import { timeLeft } from "./timeLeft";

const NOW = Date.parse("2026-05-01T12:01:00Z");
const row = {
  state: "running",
  is_dry_run: false,
  phase: "writing",
  started_at: "2026-05-01T12:00:00Z",
  phase_started_at: "2026-05-01T12:00:40Z",
  progress_done: 200_000_000,
  progress_total: 1_000_000_000,
  error: "",
} as Import;

it("names the phase of an import, and says how long that still takes", async () => {
  show(<ImportProgress row={row} asOf={NOW} />);
  expect(await screen.findByText(/Step 2 of 2, bringing in: .* · about .* left/)).toBeInTheDocument();
});

it("names no phase where a dry run has but one", async () => {
  show(<ImportProgress row={{ ...row, is_dry_run: true, phase: "reading" }} asOf={NOW} />);
  expect(await screen.findByText(/of .* · about .* left/)).toBeInTheDocument();
  expect(screen.queryByText(/Step/)).not.toBeInTheDocument();
});

it("reckons from the beginning of the phase", () => {
  expect(timeLeft(row, NOW)).toBeCloseTo(80);
  expect(timeLeft({ ...row, phase_started_at: null }, NOW)).toBeCloseTo(240);
  expect(timeLeft({ ...row, state: "done" }, NOW)).toBeUndefined();
});
