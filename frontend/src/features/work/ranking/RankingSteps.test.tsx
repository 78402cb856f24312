import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fakeNetwork, type Call } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import type { Claim } from "@/shared/api/types";
import { claimOf } from "../claim.fixture";
import { RankingDesk } from "./RankingDesk";

const CONFIG = {
  prompt_flags: ["ambiguous", "closed_domain"],
  use_cases: ["generation", "chat"],
  rating_scale: 7,
  completion_flags: ["hallucination", "our_own_flag"],
};
const stored = { answer: { id: 1, is_spare: false, submitted_at: "2030-01-01T00:00:00Z" }, next: null };
const onEnd = vi.fn(() => Promise.resolve());
let calls: Call[];

const submits = () => calls.filter((call) => call.path.endsWith("/submit/"));
const current = () => screen.getByRole("navigation", { name: "Steps" }).querySelector("[aria-current=step]");

beforeEach(() => {
  onEnd.mockClear();
  calls = fakeNetwork((call) =>
    call.path.endsWith("/submit/") ? { body: stored } : { body: { saved_at: "2030-01-01T00:00:00Z" } },
  );
});

async function open(change: Partial<Claim> = {}, config: Record<string, unknown> = CONFIG) {
  const claim = claimOf();
  show(<RankingDesk claim={{ ...claim, protocol: { ...claim.protocol, config }, ...change }} onEnd={onEnd} />);
  await screen.findByText("Why is the sky blue?");
  return userEvent.setup();
}

describe("a ranking in steps, by keyboard alone", () => {
  it("goes from the prompt over each completion to the ranking, and hands in all of it", async () => {
    const user = await open();
    expect(current()).toHaveTextContent("Prompt");
    await user.keyboard("2w{Enter}");
    expect(current()).toHaveTextContent("1");
    await user.keyboard("5q{Enter}6{ArrowRight}2w{Enter}");
    expect(current()).toHaveTextContent("Ranking");
    await user.keyboard("{Shift>}2{/Shift}={Enter}");
    await waitFor(() => expect(submits()).toHaveLength(1));
    expect(submits()[0]?.body).toMatchObject({
      payload: {
        tiers: [["c1", "c2"], ["c3"]],
        prompt_flags: { ambiguous: false, closed_domain: true },
        use_case: "chat",
        outputs: {
          c1: { overall_quality: 5, hallucination: true, our_own_flag: false },
          c2: { overall_quality: 6, hallucination: false, our_own_flag: false },
          c3: { overall_quality: 2, hallucination: false, our_own_flag: true },
        },
      },
    });
    const { step_seconds } = submits()[0]?.body as { step_seconds: Record<string, number> };
    expect(Object.keys(step_seconds).sort()).toEqual(["c1", "c2", "c3", "prompt", "ranking"]);
  });

  it("goes back, changes what was said, and takes a flag off again", async () => {
    const user = await open();
    await user.keyboard("{Enter}3q{ArrowLeft}");
    expect(current()).toHaveTextContent("Prompt");
    await user.keyboard("{Enter}");
    expect(screen.getByRole("button", { name: "Hallucination" })).toHaveAttribute("aria-pressed", "true");
    await user.keyboard("q4");
    expect(screen.getByRole("button", { name: "Hallucination" })).toHaveAttribute("aria-pressed", "false");
    expect(screen.getByRole("button", { name: "4" })).toHaveAttribute("aria-pressed", "true");
    expect(screen.getByRole("button", { name: "3" })).toHaveAttribute("aria-pressed", "false");
  });

  it("names what is missing, goes to the first of it, and hands in nothing", async () => {
    const user = await open();
    await user.keyboard("1{Enter}5{Enter}{Enter}");
    await user.keyboard("{Control>}{Enter}{/Control}");
    const notice = await screen.findByText("Still missing:");
    expect(notice.parentElement).toHaveTextContent("Rating of Completion 2");
    expect(notice.parentElement).toHaveTextContent("Rating of Completion 3");
    expect(notice.parentElement).not.toHaveTextContent("Use case");
    expect(current()).toHaveTextContent("2");
    await user.click(screen.getByRole("button", { name: "Rating of Completion 3" }));
    expect(current()).toHaveTextContent("3");
    expect(submits()).toHaveLength(0);
  });

  it("calls published flags by their words and a project's own as they are written", async () => {
    const user = await open();
    await user.keyboard("{Enter}");
    expect(screen.getByRole("button", { name: "Our own flag" })).toBeVisible();
  });

  it("shows beside the ranking what was said of each", async () => {
    const user = await open();
    await user.keyboard("{Enter}7q{Enter}{Enter}{Enter}");
    const first = await screen.findByRole("article", { name: "Completion 1" });
    expect(within(first).getByText("Overall quality: 7 of 7")).toBeInTheDocument();
    expect(within(first).getByText("Hallucination")).toBeInTheDocument();
  });
});

describe("the draft of a ranking in steps", () => {
  const draft = { tiers: [["c2"], ["c1"], ["c3"]], use_case: "chat", outputs: { c1: { overall_quality: 4 } } };

  it("opens where something is missing yet, with what was said", async () => {
    await open({ draft });
    expect(current()).toHaveTextContent("2");
    const user = userEvent.setup();
    await user.keyboard("{ArrowLeft}");
    expect(screen.getByRole("button", { name: "4" })).toHaveAttribute("aria-pressed", "true");
  });

  it("holds ratings, flags and the time of each step", async () => {
    const user = await open({ draft_step_seconds: { prompt: 9 } });
    await user.keyboard("{Enter}6w");
    const drafts = () => calls.filter((call) => call.path.endsWith("/draft/"));
    await waitFor(() => expect(drafts().length).toBeGreaterThan(0), { timeout: 3000 });
    const body = drafts().at(-1)?.body as { payload: object; step_seconds: Record<string, number> };
    expect(body.payload).toMatchObject({ outputs: { c1: { overall_quality: 6, our_own_flag: true } } });
    expect(body.step_seconds["prompt"]).toBeGreaterThanOrEqual(9);
    expect(body.step_seconds).toHaveProperty("c1");
  });
});

describe("a protocol that asks for less", () => {
  it("has no step bar where there is only the ranking", async () => {
    await open({}, {});
    expect(screen.queryByRole("navigation", { name: "Steps" })).not.toBeInTheDocument();
    expect(screen.getByRole("complementary", { name: "Ranking" })).toBeInTheDocument();
  });

  it("asks for flags without a rating, and sends none", async () => {
    const user = await open({}, { completion_flags: ["hallucination"] });
    expect(screen.queryByText("Overall quality")).not.toBeInTheDocument();
    await user.keyboard("q{Enter}{Enter}{Enter}b{Enter}");
    await waitFor(() => expect(submits()).toHaveLength(1));
    const { payload } = submits()[0]?.body as { payload: Record<string, unknown> };
    expect(payload["outputs"]).toEqual({
      c1: { hallucination: true },
      c2: { hallucination: false },
      c3: { hallucination: false },
    });
    expect(payload).not.toHaveProperty("use_case");
    expect(payload).not.toHaveProperty("prompt_flags");
  });
});
