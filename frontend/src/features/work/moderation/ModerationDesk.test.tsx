import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { fakeNetwork, type Call } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import type { Claim } from "@/shared/api/types";
import { claimOf } from "../claim.fixture";
import { ModerationDesk } from "./ModerationDesk";
import { characterAt, partOf } from "./verdicts";

const CATEGORIES = ["hate", "violence", "self-harm"];
const stored = { answer: { id: 1, is_spare: false, submitted_at: "2030-01-01T00:00:00Z" }, next: null };
const onEnd = vi.fn(() => Promise.resolve());
let calls: Call[];
const sent = (end: string) => calls.filter((call) => call.path.endsWith(end));

beforeEach(() => {
  calls = fakeNetwork((call) => {
    if (call.path.endsWith("/submit/")) return { body: stored };
    return { body: call.path.endsWith("/skip/") ? { next: null } : { saved_at: "2030-01-01T00:00:00Z" } };
  });
});

async function open(config: Record<string, unknown> = {}, draft: Claim["draft"] = null) {
  const claim = claimOf({ kind: "moderation_label", completions: [], draft });
  const protocol = { ...claim.protocol, config: { categories: CATEGORIES, ...config } };
  show(<ModerationDesk claim={{ ...claim, protocol }} onEnd={onEnd} />);
  await screen.findByText("Why is the sky blue?");
  return userEvent.setup();
}

it("is shown, answered and handed in by keyboard alone; unknown is not no", async () => {
  const user = await open();
  expect(screen.getByText("Why is the sky blue?").closest("[inert]")).not.toBeNull();
  await user.keyboard("v");
  expect(screen.getByText("Why is the sky blue?").closest("[inert]")).toBeNull();
  await user.keyboard("yn{ArrowUp}u{Enter}");
  // The arrow went back over what was answered; one is still open.
  expect((await screen.findByText("Still missing:")).parentElement).toHaveTextContent("Self-harm");
  await user.keyboard("n{Enter}");
  await waitFor(() =>
    expect(sent("/submit/")[0]?.body).toMatchObject({
      payload: { verdicts: { hate: true, "self-harm": false }, unknown: ["violence"], severity: {}, spans: [] },
    }),
  );
});

it("is not handed in unread", async () => {
  const user = await open();
  await user.keyboard("{Shift>}n{/Shift}{Enter}");
  expect(await screen.findByText("The text has not been shown")).toBeVisible();
  expect(sent("/submit/")).toHaveLength(0);
});

it("is left with one key, and nobody asks why", async () => {
  const user = await open();
  await user.keyboard("x");
  await waitFor(() => expect(sent("/skip/")[0]?.body).toEqual({ reason: "too_much", note: "" }));
});

it("asks how bad it is only where it holds, and forgets it where it no longer does", async () => {
  const user = await open({ severity: true, blur: false });
  await user.keyboard("y3{ArrowDown}n2{ArrowDown}y1n{Enter}");
  await waitFor(() =>
    expect(sent("/submit/")[0]?.body).toMatchObject({
      payload: { verdicts: { hate: true, violence: false, "self-harm": false }, severity: { hate: 3 } },
    }),
  );
});

it("counts characters, not halves of them", () => {
  expect(characterAt("a😀b", 3)).toBe(2);
  expect(partOf("a😀b", 1, 2)).toBe("😀");
});
