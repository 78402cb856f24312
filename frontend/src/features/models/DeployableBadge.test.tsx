import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { show } from "@/shared/testing/show";
import { DeployableBadge } from "./DeployableBadge";

it.each([
  [{ deployable: true, stage: "sft", stale_at: null }, "May answer people"],
  [{ deployable: false, stage: "reward", stale_at: null }, "For judging only"],
  [{ deployable: false, stage: "moderation", stale_at: null }, "Filters texts"],
  [{ deployable: false, stage: "sft", stale_at: "2030-01-01T00:00:00Z" }, "Stale"],
] as const)("says of %o that it is: %s", async (model, words) => {
  show(<DeployableBadge model={model} />);
  expect(await screen.findByText(words)).toBeVisible();
});
