import type { RoadStand } from "@/shared/api/types";

/** A station at which people have begun to write and nothing is frozen. */
export const standFixture = (given: Partial<RoadStand> = {}): RoadStand => ({
  station: "sft",
  need: { unit: "demonstrations", low: 10_000, high: 100_000 },
  have: 3214,
  accepted: 0.92,
  agreement: null,
  model: null,
  stale_model: null,
  stale_because: "",
  headline: null,
  ceiling: null,
  curve: null,
  run: null,
  people_seconds: 7200,
  machine_seconds: 0,
  first: [],
  is_up: false,
  step: { do: "freeze", target: null, station: null, is_order: true },
  ...given,
});
