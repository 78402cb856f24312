import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { show } from "@/shared/testing/show";
import { DeployableBadge } from "./DeployableBadge";

it.each([
  [{ deployable: true, stage: "sft", waits_for_people: false, stale_at: null }, "May answer people"],
  [{ deployable: false, stage: "reward", waits_for_people: false, stale_at: null }, "For judging only"],
  [{ deployable: false, stage: "moderation", waits_for_people: false, stale_at: null }, "Filters texts"],
  [{ deployable: false, stage: "rl", waits_for_people: true, stale_at: null }, "Waits for people"],
  [{ deployable: false, stage: "sft", waits_for_people: false, stale_at: "2030-01-01T00:00:00Z" }, "Stale"],
] as const)("says of %o that it is: %s", async (model, words) => {
  show(<DeployableBadge model={model} />);
  expect(await screen.findByText(words)).toBeVisible();
});
