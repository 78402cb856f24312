import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { claimOf } from "../claim.fixture";
import { keepDraft } from "../claimMemory";
import { DemonstrationDesk } from "./DemonstrationDesk";

const writing = (change = {}) => claimOf({ kind: "demonstration", completions: [], ...change });
const onEnd = vi.fn(() => Promise.resolve());
const field = () => screen.findByRole("textbox", { name: "Your answer" });

describe("writing a demonstration", () => {
  it("saves the draft a second after the last key, and says so", async () => {
    const calls = fakeNetwork(() => ({ body: { saved_at: "2030-01-01T00:00:00Z" } }));
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
    const calls = fakeNetwork(() => ({ body: { saved_at: "2030-01-01T00:00:00Z" } }));
    const claim = writing();
    keepDraft(claim.id, { completion: "Written offline" });
    show(<DemonstrationDesk claim={claim} onEnd={onEnd} />);
    expect(await field()).toHaveValue("Written offline");
    await waitFor(() => expect(calls.some((call) => call.path.endsWith("/draft/"))).toBe(true), { timeout: 3000 });
  });

  it("saves at once when the window loses focus, in a request that outlives the page", async () => {
    const calls = fakeNetwork(() => ({ body: { saved_at: "2030-01-01T00:00:00Z" } }));
    show(<DemonstrationDesk claim={writing()} onEnd={onEnd} />);
    await userEvent.type(await field(), "x");
    window.dispatchEvent(new Event("pagehide"));
    await waitFor(() => expect(calls.find((call) => call.path.endsWith("/draft/"))?.keepalive).toBe(true));
  });

  it("does not hand in an empty answer", async () => {
    const calls = fakeNetwork(() => ({ body: {} }));
    show(<DemonstrationDesk claim={writing()} onEnd={onEnd} />);
    await userEvent.type(await field(), "  {Control>}{Enter}{/Control}");
    expect(screen.getByRole("button", { name: /Submit/ })).toBeDisabled();
    expect(calls.some((call) => call.path.endsWith("/submit/"))).toBe(false);
  });

  it("shows the preview beside the text on Ctrl+E", async () => {
    fakeNetwork(() => ({ body: {} }));
    show(<DemonstrationDesk claim={writing()} onEnd={onEnd} />);
    await userEvent.type(await field(), "A **bold** claim{Control>}e{/Control}");
    expect((await screen.findByText("bold")).tagName).toBe("STRONG");
  });
});
