import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeNetwork, type Call } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { keepDraft, keptDraft } from "./claimMemory";
import { claimOf } from "./claim.fixture";
import { ClaimScreen } from "./ClaimScreen";
import { outbox } from "./outbox/theOutbox";

const claim = claimOf({ kind: "demonstration", completions: [] });
const ahead = claimOf({ id: "ahead", kind: "demonstration", completions: [] });
const onEnd = vi.fn(() => Promise.resolve());
let calls: Call[];
let claimed: unknown;
let submitted: () => { status?: number; body?: unknown } | Error;

const storedAnswer = { id: 1, is_spare: false, submitted_at: "2030-01-01T00:00:00Z" };
/** The first desk is loaded with the test, so give it time. */
const field = () => screen.findByRole("textbox", { name: "Your answer" }, { timeout: 15_000 });
const paths = () => calls.map((call) => call.path.replace(/.*\/work\//, ""));

beforeEach(() => {
  onEnd.mockClear();
  claimed = null;
  submitted = () => ({ body: { answer: storedAnswer, next: null } });
  calls = fakeNetwork(({ path, method }) => {
    if (path.endsWith("/submit/")) return submitted();
    if (path.endsWith("/lint/")) return { body: { advice: [] } };
    if (path.endsWith("/work/claims/")) return claimed ? { status: 201, body: claimed } : undefined;
    if (path.endsWith(`/${claim.id}/`) && method === "GET") return { body: claim };
    return { body: { saved_at: "2030-01-01T00:00:00Z", expires_at: "2030-01-01T00:00:00Z" } };
  });
});

afterEach(() => outbox.drop(claim.id));

async function open() {
  show(<ClaimScreen claimId={claim.id} onEnd={onEnd} />);
  await field();
}
const handIn = async () => userEvent.type(await field(), "Light.{Control>}{Enter}{/Control}");
const inOtherTab = (name: string, value: string | null) => {
  if (value === null) localStorage.removeItem(name);
  else localStorage.setItem(name, value);
  act(() => void window.dispatchEvent(new StorageEvent("storage", { key: name })));
};

describe("handing in", () => {
  it("goes on to the task fetched ahead without waiting for the server", async () => {
    claimed = ahead;
    submitted = () => new TypeError("Failed to fetch");
    await open();
    await waitFor(() => expect(paths()).toContain("claims/"));
    await handIn();
    await waitFor(() => expect(onEnd).toHaveBeenCalledExactlyOnceWith({ next: ahead, noWork: null }));
  });

  it("fetches ahead only once the server knows that this one is on screen", async () => {
    await open();
    await waitFor(() => expect(paths()).toContain("claims/"));
    expect(paths().indexOf(`claims/${claim.id}/shown/`)).toBeLessThan(paths().indexOf("claims/"));
  });

  it.each([
    ["the one on screen", claim],
    ["one begun before", claimOf({ id: "begun", shown_at: "2029-01-01T00:00:00Z" })],
    ["one whose time is nearly up", claimOf({ id: "old", expires_at: new Date().toISOString() })],
  ])("waits for the reply where the server holds nothing new but %s", async (_, held) => {
    claimed = held;
    await open();
    await waitFor(() => expect(paths()).toContain("claims/"));
    await handIn();
    await waitFor(() => expect(onEnd).toHaveBeenCalledExactlyOnceWith({ next: null }));
  });

  it("is done once, however often the keys are pressed", async () => {
    claimed = ahead;
    await open();
    await waitFor(() => expect(paths()).toContain("claims/"));
    await handIn();
    await userEvent.keyboard("{Control>}{Enter}{Enter}{/Control}");
    expect(paths().filter((path) => path.endsWith("/submit/"))).toHaveLength(1);
  });

  it("that is refused leaves the text where it is, and offers to copy it", async () => {
    submitted = () => ({ status: 409, body: { code: "claim_ended", detail: "It ended." } });
    await open();
    await handIn();
    expect(await screen.findByText("This task is no longer held for you.")).toBeVisible();
    expect(await field()).toHaveValue("Light.");
    expect(screen.getByRole("textbox", { name: "What you wrote" })).toHaveValue("Light.");
    expect(keptDraft(claim.id, null)).toEqual({ completion: "Light." });
    expect(onEnd).not.toHaveBeenCalled();
  });
});

describe("a claim in two tabs", () => {
  const tab = `bennet.tab.${claim.id}`;

  it("is written in the one that opened it last; the other shows what is written there", async () => {
    await open();
    await userEvent.type(await field(), "Mine");
    inOtherTab(tab, '"other"');
    expect(await screen.findByText("Open in another tab")).toBeVisible();
    keepDraft(claim.id, { completion: "Mine, and theirs" });
    inOtherTab(`bennet.draft.${claim.id}`, localStorage.getItem(`bennet.draft.${claim.id}`));
    expect(screen.getByDisplayValue("Mine, and theirs").closest("[inert]")).not.toBeNull();
    calls.length = 0;
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    act(() => void window.dispatchEvent(new Event("pagehide")));
    expect(paths()).not.toContain(`claims/${claim.id}/submit/`);
    expect(paths()).not.toContain(`claims/${claim.id}/draft/`);
  });

  it("is taken over with what was written there", async () => {
    await open();
    inOtherTab(tab, '"other"');
    keepDraft(claim.id, { completion: "Theirs" });
    await userEvent.click(await screen.findByRole("button", { name: "Go on here" }));
    await waitFor(() => expect(screen.queryByText("Open in another tab")).not.toBeInTheDocument());
    expect(await field()).toHaveValue("Theirs");
    expect(localStorage.getItem(tab)).not.toBe('"other"');
  });

  it("comes back by itself when the other tab is closed", async () => {
    await open();
    inOtherTab(tab, '"other"');
    await screen.findByText("Open in another tab");
    inOtherTab(tab, null);
    await waitFor(() => expect(screen.queryByText("Open in another tab")).not.toBeInTheDocument());
  });
});
