import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fakeNetwork, type Call } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { claimOf } from "../claim.fixture";
import { RankingDesk } from "./RankingDesk";

const claim = claimOf();
const stored = { answer: { id: 1, is_spare: false, submitted_at: "2030-01-01T00:00:00Z" }, next: null };
const onEnd = vi.fn(() => Promise.resolve());
let calls: Call[];

const submits = () => calls.filter((call) => call.path.endsWith("/submit/"));
const tiers = () =>
  screen.getAllByRole("group", { name: /^Rank/ }).map((tier) =>
    within(tier)
      .getAllByRole("button")
      .map((chip) => /^Completion (\d+)/.exec(chip.textContent)?.[1]),
  );

beforeEach(() => {
  onEnd.mockClear();
  calls = fakeNetwork((call) =>
    call.path.endsWith("/submit/") ? { body: stored } : { body: { saved_at: "2030-01-01T00:00:00Z" } },
  );
});

async function open(config: Record<string, unknown> = {}, completions = claim.completions) {
  show(<RankingDesk claim={{ ...claim, completions, protocol: { ...claim.protocol, config } }} onEnd={onEnd} />);
  await screen.findByText("Why is the sky blue?");
  return userEvent.setup();
}

describe("ranking by keyboard alone", () => {
  it("starts in the order shown, each on a rank of its own", async () => {
    await open();
    expect(tiers()).toEqual([["1"], ["2"], ["3"]]);
  });

  it("selects by Shift and a digit, moves, ties, undoes, and submits", async () => {
    const user = await open();
    await user.keyboard("{Shift>}3{ArrowUp}{/Shift}");
    expect(tiers()).toEqual([["1"], ["3"], ["2"]]);
    await user.keyboard("=");
    expect(tiers()).toEqual([["1", "3"], ["2"]]);
    await user.keyboard("u");
    expect(tiers()).toEqual([["1"], ["3"], ["2"]]);
    await user.keyboard("{Control>}{Shift>}z{/Shift}{/Control}");
    expect(tiers()).toEqual([["1", "3"], ["2"]]);
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(onEnd).toHaveBeenCalledOnce());
    expect(submits()[0]?.body).toMatchObject({
      payload: { tiers: [["c1", "c3"], ["c2"]], all_bad: false, rationale: "" },
    });
  });

  it("puts the selected one at a rank with one digit, and ties it there", async () => {
    const user = await open();
    await user.keyboard("{ArrowRight}{ArrowRight}1");
    expect(tiers()).toEqual([["3"], ["1"], ["2"]]);
    await user.keyboard("3");
    expect(tiers()).toEqual([["1"], ["2"], ["3"]]);
    await user.keyboard("2=");
    expect(tiers()).toEqual([["1", "3"], ["2"]]);
  });

  it.each([2, 4, 9])("ranks %i with a tie by digits alone", async (count) => {
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    const user = await open(
      {},
      numbers.map((number) => ({ label: `c${number}`, text: `Thought ${number}.` })),
    );
    await user.keyboard(numbers.map((number) => `{Shift>}${number}{/Shift}1`).join(""));
    const reversed = numbers.toReversed().map((number) => [String(number)]);
    expect(tiers()).toEqual(reversed);
    await user.keyboard("{Shift>}1{/Shift}=");
    expect(tiers()).toEqual([...reversed.slice(0, -2), ["2", "1"]]);
  });

  it("selects with Shift and a digit, whatever the layout writes for it", async () => {
    const user = await open();
    await act(async () => {
      window.dispatchEvent(new KeyboardEvent("keydown", { key: '"', code: "Digit2", shiftKey: true, bubbles: true }));
      await Promise.resolve();
    });
    await user.keyboard("1");
    expect(tiers()).toEqual([["2"], ["1"], ["3"]]);
  });

  it("walks the ranks with j and k, and says where a completion stands", async () => {
    const user = await open();
    await user.keyboard("jj[[");
    expect(tiers()).toEqual([["1"], ["3"], ["2"]]);
    expect(screen.getByText("Completion 3: rank 2")).toBeInTheDocument();
  });

  it("leaves letters typed into the reason alone", async () => {
    const user = await open();
    await user.keyboard("n");
    await user.keyboard("b = worse");
    expect(screen.getByLabelText("Reason (optional)")).toHaveValue("b = worse");
    expect(tiers()).toEqual([["1"], ["2"], ["3"]]);
  });
});

describe("the guard against an untouched order", () => {
  it("asks before it submits the order shown", async () => {
    const user = await open();
    await user.keyboard("{Control>}{Enter}{/Control}");
    expect(await screen.findByText("Is this your ranking?")).toBeVisible();
    expect(submits()).toHaveLength(0);
    await user.click(screen.getByRole("button", { name: "Yes, submit" }));
    await waitFor(() => expect(submits()).toHaveLength(1));
  });

  it("does not ask when all are marked bad", async () => {
    const user = await open();
    await user.keyboard("b{Control>}{Enter}{/Control}");
    await waitFor(() => expect(submits()[0]?.body).toMatchObject({ payload: { all_bad: true } }));
  });
});

describe("the rules of the protocol", () => {
  it("shows the instruction, and nothing in its place where there is none", async () => {
    await open({ instruction: "Judge the facts first." });
    expect(screen.getByRole("note", { name: "Instruction" })).toHaveTextContent("Judge the facts first.");
    cleanup();
    await open({ instruction: " " });
    expect(screen.queryByRole("note")).not.toBeInTheDocument();
  });

  it("has no tie, by key or button, where a strict order is wanted", async () => {
    const user = await open({ allow_ties: false });
    await user.keyboard("{Shift>}3{/Shift}=");
    expect(tiers()).toEqual([["1"], ["2"], ["3"]]);
    expect(screen.queryByRole("button", { name: /^Tie/ })).not.toBeInTheDocument();
    await user.keyboard("?");
    expect(await screen.findByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
    expect(screen.queryByText("Tie with the one above")).not.toBeInTheDocument();
  });

  it("asks for the reason it requires before it submits", async () => {
    const user = await open({ require_rationale: true });
    expect(screen.queryByLabelText("Reason (optional)")).not.toBeInTheDocument();
    await user.keyboard("b{Control>}{Enter}{/Control}");
    expect(await screen.findByText("Write what decided it before you submit.")).toBeVisible();
    const reason = screen.getByRole("textbox", { name: /^Reason/ });
    expect(reason).toHaveFocus();
    expect(submits()).toHaveLength(0);
    await user.keyboard("All wrong.{Control>}{Enter}{/Control}");
    await waitFor(() => expect(submits()[0]?.body).toMatchObject({ payload: { rationale: "All wrong." } }));
  });
});

describe("a submit that does not get through", () => {
  it("is sent again with the same key until it arrives", async () => {
    let failures = 2;
    calls = fakeNetwork((call) => {
      if (!call.path.endsWith("/submit/")) return { body: {} };
      failures -= 1;
      return failures >= 0 ? new TypeError("Failed to fetch") : { body: stored };
    });
    const user = await open();
    await user.keyboard("b{Control>}{Enter}{/Control}");
    expect(await screen.findByText("Waiting for the connection")).toBeVisible();
    await waitFor(() => expect(onEnd).toHaveBeenCalledOnce(), { timeout: 8000 });
    const keys = submits().map((call) => (call.body as { idempotency_key: string }).idempotency_key);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  }, 12_000);
});
