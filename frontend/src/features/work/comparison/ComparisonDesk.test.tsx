import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fakeNetwork, type Call } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import type { Claim } from "@/shared/api/types";
import { claimOf } from "../claim.fixture";
import { ComparisonDesk } from "./ComparisonDesk";

const stored = { answer: { id: 1, is_spare: false, submitted_at: "2030-01-01T00:00:00Z" }, next: null };
const onEnd = vi.fn(() => Promise.resolve());
let calls: Call[];

const submits = () => calls.filter((call) => call.path.endsWith("/submit/"));
const payload = () => (submits()[0]?.body as { payload: Record<string, unknown> }).payload;
const status = () => screen.getByRole("region", { name: "Which is better" });

beforeEach(() => {
  onEnd.mockClear();
  calls = fakeNetwork((call) => {
    if (call.path.endsWith("/submit/")) return { body: stored };
    return { body: { saved_at: "2030-01-01T00:00:00Z", advice: [] } };
  });
});

async function open(config: Record<string, unknown> = {}, change: Partial<Claim> = {}) {
  const claim = claimOf({ kind: "comparison" as Claim["kind"] });
  const completions = claim.completions.slice(0, 2);
  show(
    <ComparisonDesk
      claim={{ ...claim, completions, protocol: { ...claim.protocol, config }, ...change }}
      onEnd={onEnd}
    />,
  );
  await screen.findByText("Why is the sky blue?");
  return userEvent.setup();
}

describe("comparing two answers by keyboard alone", () => {
  it("chooses by digit from left to right, and hands in by Enter", async () => {
    const user = await open();
    await user.keyboard("2");
    expect(status()).toHaveTextContent("A is better, by 2 of 3");
    await user.keyboard("{Enter}");
    await waitFor(() => expect(submits()).toHaveLength(1));
    expect(payload()).toEqual({ preferred: "c1", strength: 2, both_bad: false, rationale: "", edit: null });
  });

  it("moves by arrows, beginning with the mildest, and never past the end", async () => {
    const user = await open();
    await user.keyboard("{ArrowRight}");
    expect(status()).toHaveTextContent("B is better, by 1 of 3");
    await user.keyboard("{ArrowRight}{ArrowRight}{ArrowRight}");
    expect(status()).toHaveTextContent("B is better, by 3 of 3");
    await user.keyboard("{ArrowLeft}{Enter}");
    await waitFor(() => expect(payload()).toMatchObject({ preferred: "c2", strength: 2 }));
  });

  it("says tie, and both bad", async () => {
    const user = await open();
    await user.keyboard("=b{Enter}");
    await waitFor(() => expect(payload()).toMatchObject({ preferred: null, strength: 0, both_bad: true }));
  });

  it("has no tie where a decision is wanted", async () => {
    const user = await open({ allow_ties: false, strength_levels: 1 });
    expect(screen.queryByRole("button", { name: "As good as each other" })).not.toBeInTheDocument();
    await user.keyboard("=");
    expect(status()).toHaveTextContent("Not decided yet");
    await user.keyboard("2{Enter}");
    await waitFor(() => expect(payload()).toMatchObject({ preferred: "c2", strength: 1 }));
  });

  it("names what is missing and hands in nothing", async () => {
    const user = await open({ require_rationale: true });
    await user.keyboard("{Enter}");
    const notice = await screen.findByText("Still missing:");
    expect(notice.parentElement).toHaveTextContent("Which is better");
    expect(notice.parentElement).toHaveTextContent("Reason");
    expect(submits()).toHaveLength(0);
  });
});

describe("the edit of the better one", () => {
  const field = () => screen.getByRole("textbox", { name: "Edited: A" });

  it("is not offered where the protocol does not ask for it", async () => {
    const user = await open();
    await user.keyboard("1w");
    expect(screen.queryByRole("textbox", { name: "Edited: A" })).not.toBeInTheDocument();
  });

  it("begins with the text of the better one and goes with the answer", async () => {
    const user = await open({ allow_edit: true });
    await user.keyboard("1w");
    expect(field()).toHaveValue("Scattering.");
    await user.type(field(), " Of light.");
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(payload()["edit"]).toEqual({ of: "c1", text: "Scattering. Of light." }));
  });

  it("that changed nothing is no edit", async () => {
    const user = await open({ allow_edit: true });
    await user.keyboard("1w");
    await user.click(field());
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(payload()["edit"]).toBeNull());
  });

  it("is not thrown away when the decision turns, but has to be of the better one", async () => {
    const user = await open({ allow_edit: true });
    await user.keyboard("1w");
    await user.type(field(), " Of light.");
    await user.click(screen.getByRole("button", { name: "B3: B is better, by 3 of 3" }));
    await user.keyboard("{Control>}{Enter}{/Control}");
    expect(await screen.findByText(/Your edit is of the other answer/)).toBeVisible();
    expect(submits()).toHaveLength(0);
    await user.click(screen.getByRole("button", { name: "Drop the edit" }));
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(payload()).toMatchObject({ preferred: "c2", edit: null }));
  });

  it("records a paste as a fact, without its text", async () => {
    const user = await open({ allow_edit: true });
    await user.keyboard("1w");
    await user.click(field());
    await user.paste(" Of light.");
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(submits()).toHaveLength(1));
    const { evidence } = submits()[0]?.body as { evidence: { pastes: object[] } };
    expect(evidence.pastes).toEqual([{ characters: 10, at_seconds: expect.any(Number) as number }]);
  });
});

it("opens with its draft", async () => {
  await open(
    { allow_edit: true, completion_flags: ["hallucination"] },
    {
      draft: {
        preferred: "c2",
        strength: 3,
        both_bad: false,
        rationale: "Truer",
        edit: { of: "c2", text: "New" },
        outputs: { c2: { hallucination: true } },
      },
    },
  );
  expect(status()).toHaveTextContent("B is better, by 3 of 3");
  expect(screen.getByRole("textbox", { name: "Edited: B" })).toHaveValue("New");
  expect(screen.getByLabelText("Reason (optional)")).toHaveValue("Truer");
  const flags = screen.getAllByRole("button", { name: "Hallucination" });
  expect(flags.map((flag) => flag.getAttribute("aria-pressed"))).toEqual(["false", "true"]);
});
