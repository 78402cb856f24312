import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chooseKeys } from "@/shared/hooks/chosenKeys";
import { useCommands, type Command } from "@/shared/hooks/commands";
import { fakeNetwork, type Call } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { ShortcutHint } from "../ShortcutSheet";

const tie = vi.fn();
const undo = vi.fn();
const table: readonly Command<null>[] = [
  { name: "tie", group: "ranking", keys: ["="], run: tie },
  { name: "undo", group: "ranking", keys: ["u", "Mod+z"], run: undo },
  { name: "submit", group: "task", keys: ["Mod+Enter"], whileTyping: true, run: vi.fn() },
];
let calls: Call[];

function Page() {
  useCommands(table, null);
  return <ShortcutHint />;
}

beforeEach(() => {
  calls = fakeNetwork((call) => ({ body: call.body ?? {} }));
});
afterEach(() => chooseKeys({}));

/** Open the sheet and begin to change a command's key. */
async function change(command: string) {
  show(<Page />);
  await userEvent.click(await screen.findByRole("button", { name: /^Shortcuts/ }));
  await userEvent.click(await screen.findByRole("button", { name: `Change the key: ${command}` }, { timeout: 15_000 }));
  expect(screen.getByRole("button", { name: "Press the new key" })).toHaveFocus();
}
const saved = () => calls.filter((call) => call.path === "/api/me/").map((call) => call.body);
const closeSheet = async () => {
  await userEvent.click(within(screen.getByRole("dialog")).getAllByRole("button")[0] ?? document.body);
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
};

describe("the shortcut sheet", () => {
  it("gives a command another key, at once and for every browser", async () => {
    await change("Tie with the one above");
    await userEvent.keyboard("t");
    await waitFor(() => expect(saved()).toEqual([{ shortcuts: { tie: ["t"] } }]));
    await closeSheet();
    await userEvent.keyboard("=t");
    expect(tie).toHaveBeenCalledOnce();
  });

  it("names the command that has the key, and takes it only when asked to", async () => {
    await change("Tie with the one above");
    await userEvent.keyboard("u");
    expect(screen.getByRole("alert")).toHaveTextContent("U is taken by: Undo");
    expect(saved()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Use it here" }));
    await waitFor(() => expect(saved()).toEqual([{ shortcuts: { tie: ["u"], undo: ["Mod+z"] } }]));
  });

  it("says why a key cannot be had", async () => {
    await change("Submit");
    await userEvent.keyboard("s");
    expect(screen.getByRole("alert")).toHaveTextContent("works while you write");
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("button", { name: "Press the new key" })).not.toBeInTheDocument();
    expect(screen.getByRole("dialog")).toBeVisible();
    expect(saved()).toEqual([]);
  });

  it("takes a key away, and gives back the one it came with", async () => {
    await change("Undo");
    await userEvent.click(screen.getByRole("button", { name: "No key" }));
    await waitFor(() => expect(saved()).toEqual([{ shortcuts: { undo: [] } }]));
    expect(screen.getByText("no key")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Reset the key: Undo" }));
    await waitFor(() => expect(saved().at(-1)).toEqual({ shortcuts: {} }));
    expect(screen.queryByText("no key")).not.toBeInTheDocument();
  });

  it("marks keys that meet on this page", async () => {
    chooseKeys({ tie: ["u"] });
    show(<Page />);
    await userEvent.click(await screen.findByRole("button", { name: /^Shortcuts/ }));
    expect(await screen.findByText("Same key as: Undo")).toBeVisible();
    expect(screen.getByText("Same key as: Tie with the one above")).toBeVisible();
  });
});
