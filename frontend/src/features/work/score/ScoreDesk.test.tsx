import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { fakeNetwork, type Call } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import type { Claim } from "@/shared/api/types";
import { claimOf } from "../claim.fixture";
import { ScoreDesk } from "./ScoreDesk";

const stored = { answer: { id: 1, is_spare: false, submitted_at: "2030-01-01T00:00:00Z" }, next: null };
const onEnd = vi.fn(() => Promise.resolve());
let calls: Call[];
const submits = () => calls.filter((call) => call.path.endsWith("/submit/"));

beforeEach(() => {
  calls = fakeNetwork((call) => ({
    body: call.path.endsWith("/submit/") ? stored : { saved_at: "2030-01-01T00:00:00Z" },
  }));
});

async function open(config: Record<string, unknown> = {}, draft: Claim["draft"] = null) {
  const claim = claimOf({ kind: "score" as Claim["kind"], draft });
  const completions = claim.completions.slice(0, 1);
  show(<ScoreDesk claim={{ ...claim, completions, protocol: { ...claim.protocol, config } }} onEnd={onEnd} />);
  await screen.findByText("Scattering.");
  return userEvent.setup();
}

it("is scored, flagged and handed in by keyboard alone", async () => {
  const user = await open({ flags: ["factual_error", "harmful"] });
  await user.keyboard("6w{Enter}");
  await waitFor(() => expect(submits()).toHaveLength(1));
  expect(submits()[0]?.body).toMatchObject({
    payload: { score: 6, flags: { factual_error: false, harmful: true }, rationale: "" },
    step_seconds: { score: expect.any(Number) as number },
  });
});

it("takes no score beyond the scale, and says that one is missing", async () => {
  const user = await open({ scale: 5 });
  await user.keyboard("6{Enter}");
  expect((await screen.findByText("Still missing:")).parentElement).toHaveTextContent("Score");
  expect(submits()).toHaveLength(0);
});

it("has the reason it requires, written without the letters meaning anything else", async () => {
  const user = await open({ require_rationale: true, flags: ["harmful"] });
  await user.keyboard("3n");
  await user.keyboard("quite wrong");
  expect(screen.getByRole("button", { name: "Harmful" })).toHaveAttribute("aria-pressed", "false");
  await user.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() => expect(submits()[0]?.body).toMatchObject({ payload: { score: 3, rationale: "quite wrong" } }));
});

it("takes a long scale as a number", async () => {
  const user = await open({ scale: 100 });
  await user.type(screen.getByRole("spinbutton", { name: "Score" }), "85{Control>}{Enter}{/Control}");
  await waitFor(() => expect(submits()[0]?.body).toMatchObject({ payload: { score: 85 } }));
});

it("opens with its draft", async () => {
  await open({ flags: ["harmful"] }, { score: 4, flags: { harmful: true }, rationale: "" });
  expect(screen.getByRole("button", { name: "4" })).toHaveAttribute("aria-pressed", "true");
  expect(screen.getByRole("button", { name: "Harmful" })).toHaveAttribute("aria-pressed", "true");
});
