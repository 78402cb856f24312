import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { claimOf } from "../claim.fixture";
import { keepDraft } from "../claimMemory";
import { DemonstrationDesk } from "./DemonstrationDesk";

const writing = (change = {}) => claimOf({ kind: "demonstration", completions: [], ...change });
/** One body for whatever is asked: a draft is saved, and nothing is advised. */
const SAVED = { saved_at: "2030-01-01T00:00:00Z", advice: [] };
const onEnd = vi.fn(() => Promise.resolve());
const field = () => screen.findByRole("textbox", { name: "Your answer" });

describe("writing a demonstration", () => {
  it("saves the draft a second after the last key, and says so", async () => {
    const calls = fakeNetwork(() => ({ body: SAVED }));
    show(<DemonstrationDesk claim={writing()} onEnd={onEnd} />);
    await userEvent.type(await field(), "Light scatters.");
    expect(screen.getByText("Not saved yet")).toBeVisible();
    expect(await screen.findByText("Draft saved", {}, { timeout: 3000 })).toBeVisible();
    const drafts = calls.filter((call) => call.path.endsWith("/draft/"));
    expect(drafts.at(-1)?.body).toMatchObject({ payload: { completion: "Light scatters." } });
  });

  it("opens with the draft that the server has", async () => {
    fakeNetwork(() => undefined);
    show(
      <DemonstrationDesk
        claim={writing({ draft: { completion: "Half a" }, draft_saved_at: "2030-01-01T00:00:00Z" })}
        onEnd={onEnd}
      />,
    );
    expect(await field()).toHaveValue("Half a");
    expect(screen.getByText("Draft saved")).toBeVisible();
  });

  it("brings back text that never reached the server, and sends it", async () => {
    const calls = fakeNetwork(() => ({ body: SAVED }));
    const claim = writing();
    keepDraft(claim.id, { completion: "Written offline" });
    show(<DemonstrationDesk claim={claim} onEnd={onEnd} />);
    expect(await field()).toHaveValue("Written offline");
    await waitFor(() => expect(calls.some((call) => call.path.endsWith("/draft/"))).toBe(true), { timeout: 3000 });
  });

  it("saves at once when the window loses focus, in a request that outlives the page", async () => {
    const calls = fakeNetwork(() => ({ body: SAVED }));
    show(<DemonstrationDesk claim={writing()} onEnd={onEnd} />);
    await userEvent.type(await field(), "x");
    window.dispatchEvent(new Event("pagehide"));
    await waitFor(() => expect(calls.find((call) => call.path.endsWith("/draft/"))?.keepalive).toBe(true));
  });

  it("does not hand in an empty answer", async () => {
    const calls = fakeNetwork(() => ({ body: SAVED }));
    show(<DemonstrationDesk claim={writing()} onEnd={onEnd} />);
    await userEvent.type(await field(), "  {Control>}{Enter}{/Control}");
    expect(screen.getByRole("button", { name: /Submit/ })).toBeDisabled();
    expect(calls.some((call) => call.path.endsWith("/submit/"))).toBe(false);
  });

  it("shows the preview beside the text on Ctrl+E", async () => {
    fakeNetwork(() => ({ body: SAVED }));
    show(<DemonstrationDesk claim={writing()} onEnd={onEnd} />);
    await userEvent.type(await field(), "A **bold** claim{Control>}e{/Control}");
    expect((await screen.findByText("bold")).tagName).toBe("STRONG");
  });
});

describe("writing several turns", () => {
  const several = (change = {}) =>
    writing({ protocol: { ...claimOf().protocol, config: { multi_turn: true, maximum_turns: 2 } }, ...change });
  const turn = (name: string) => screen.findByRole("textbox", { name });

  it("adds a turn of each by keyboard, up to the limit, and hands in all of them", async () => {
    const calls = fakeNetwork((call) => ({
      body: call.path.endsWith("/submit/")
        ? { answer: { id: 1, is_spare: false, submitted_at: "2030-01-01T00:00:00Z" }, next: null }
        : SAVED,
    }));
    show(<DemonstrationDesk claim={several()} onEnd={onEnd} />);
    expect(await turn("Assistant, turn 1")).toHaveFocus();
    await userEvent.keyboard("Light scatters.{Control>}{Shift>}{Enter}{/Shift}{/Control}");
    expect(await turn("Person, turn 2")).toHaveFocus();
    await userEvent.keyboard("Why?");
    expect(screen.getByRole("button", { name: /Add a turn/ })).toBeDisabled();
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect(calls.some((call) => call.path.endsWith("/submit/"))).toBe(false);
    await userEvent.type(await turn("Assistant, turn 3"), "Because.{Control>}{Enter}{/Control}");
    await waitFor(() =>
      expect(calls.find((call) => call.path.endsWith("/submit/"))?.body).toMatchObject({
        payload: {
          turns: [
            { role: "assistant", content: "Light scatters." },
            { role: "user", content: "Why?" },
          ],
          completion: "Because.",
        },
      }),
    );
  });

  it("asks before it removes turns that hold something", async () => {
    fakeNetwork(() => ({ body: SAVED }));
    const draft = {
      turns: [
        { role: "assistant", content: "A" },
        { role: "user", content: "B" },
      ],
      completion: "",
    };
    show(<DemonstrationDesk claim={several({ draft })} onEnd={onEnd} />);
    expect(await turn("Person, turn 2")).toHaveValue("B");
    await userEvent.click(screen.getByRole("button", { name: "Remove the last two turns" }));
    expect(await screen.findByText("Remove what you wrote there?")).toBeVisible();
  });
});

describe("how long the text is", () => {
  it("is said in characters, and about in tokens", async () => {
    fakeNetwork(() => ({ body: SAVED }));
    show(<DemonstrationDesk claim={writing({ draft: { completion: "Light scatters." } })} onEnd={onEnd} />);
    expect(await screen.findByText("15 characters · about 3 tokens")).toBeVisible();
  });

  it("is held against the limit when it comes near", async () => {
    const protocol = { ...claimOf().protocol, config: { maximum_characters: 16 } };
    fakeNetwork(() => ({ body: SAVED }));
    show(<DemonstrationDesk claim={writing({ protocol, draft: { completion: "Light scatters." } })} onEnd={onEnd} />);
    expect(await screen.findByText(/15 of 16 characters/)).toBeVisible();
  });
});

describe("advice", () => {
  const found = { rule: "assistant_boilerplate", message: "x", start: 0, end: 8, values: { phrase: "As an AI" } };

  it("comes when the keys rest, points at the passage, and stands in nobody's way", async () => {
    const calls = fakeNetwork((call) => ({
      body: call.path.endsWith("/lint/") ? { advice: [found] } : SAVED,
    }));
    show(<DemonstrationDesk claim={writing()} onEnd={onEnd} />);
    await userEvent.type(await field(), "As an AI, I cannot say.");
    expect(screen.queryByRole("list", { name: "Advice" })).not.toBeInTheDocument();
    const advice = await screen.findByRole("list", { name: "Advice" }, { timeout: 4000 });
    expect(advice).toHaveTextContent("An assistant speaking of itself: As an AI");
    expect(calls.filter((call) => call.path.endsWith("/lint/"))).toHaveLength(1);
    await userEvent.click(screen.getByRole("button", { name: "As an AI" }));
    const area = (await field()) as HTMLTextAreaElement;
    expect([area.selectionStart, area.selectionEnd]).toEqual([0, 8]);
    expect(screen.getByRole("button", { name: /Submit/ })).toBeEnabled();
  });

  it("that cannot be had is missed by nobody", async () => {
    fakeNetwork((call) => (call.path.endsWith("/lint/") ? { status: 429, body: {} } : { body: {} }));
    show(<DemonstrationDesk claim={writing({ draft: { completion: "As an AI, I cannot say." } })} onEnd={onEnd} />);
    await field();
    await new Promise((done) => setTimeout(done, 1600));
    expect(screen.queryByRole("list", { name: "Advice" })).not.toBeInTheDocument();
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });
});
