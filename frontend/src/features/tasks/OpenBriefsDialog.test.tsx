import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeNetwork, type Call } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { AskForPrompts } from "./AskForPrompts";

const asking = {
  id: 4,
  name: "Write prompts",
  kind: "prompt",
  state: "active",
  config: { styles: ["plain", "few_shot"], use_cases: ["open_qa", "chat"] },
};
const freely = { id: 5, name: "Ask freely", kind: "prompt", state: "active", config: { styles: ["use_case"] } };
const ranking = { id: 6, name: "Rank", kind: "ranking", state: "active", config: {} };

/** Open the dialog on a network that answers what is sent with `reply`. */
async function open(reply: { status?: number; body: unknown }, protocols: object[] = [ranking, asking, freely]) {
  const calls = fakeNetwork(({ method }) =>
    method === "POST" ? reply : { body: { results: protocols, next: null, previous: null } },
  );
  show(<AskForPrompts projectId={1} />);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Ask for prompts" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Which prompts should people write?" }));
  const choose = async (field: HTMLElement, option: string) => {
    await user.click(field);
    await user.click(await screen.findByRole("option", { name: option }));
  };
  const brief = (number: number) => within(dialog.getByRole("group", { name: `Brief ${number}` }));
  return { calls, user, dialog, brief, choose };
}

const sent = (calls: Call[]) => calls.filter(({ method }) => method === "POST").map(({ body }) => body);
const opens = (count: number, already_there = 0) => ({ status: 201, body: { opened: count, already_there } });

it("opens so many tasks for each of several briefs, in a language", async () => {
  const { calls, user, dialog, brief, choose } = await open(opens(6));
  const first = brief(1);
  await choose(first.getByRole("combobox", { name: "Style" }), "With examples");
  await choose(first.getByRole("combobox", { name: "Use case" }), "Chat");
  await user.type(first.getByRole("textbox", { name: "What is wanted" }), "Small talk.");
  await user.click(dialog.getByRole("button", { name: "Add a brief" }));
  await user.click(dialog.getByRole("button", { name: "Add a brief" }));
  await user.type(brief(2).getByRole("textbox", { name: "What is wanted" }), "No.");
  await user.click(dialog.getByRole("button", { name: "Remove brief 2" }));
  const copies = dialog.getByRole("textbox", { name: /^Prompts for each brief/ });
  await user.clear(copies);
  await user.type(copies, "3");
  await user.type(dialog.getByRole("textbox", { name: "Language" }), "nb");
  await user.click(dialog.getByRole("button", { name: "Open 6 tasks" }));
  await waitFor(() =>
    expect(sent(calls)).toEqual([
      {
        protocol: 4,
        briefs: [
          { style: "few_shot", text: "Small talk.", use_case: "chat" },
          { style: "plain", text: "", use_case: "" },
        ],
        copies: 3,
        language: "nb",
      },
    ]),
  );
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

it("keeps what another protocol allows too, and leaves out the rest", async () => {
  const { calls, user, dialog, brief, choose } = await open(opens(10));
  await choose(brief(1).getByRole("combobox", { name: "Use case" }), "Chat");
  await choose(dialog.getByRole("combobox", { name: "Protocol" }), "Ask freely");
  const style = brief(1).getByRole("combobox", { name: "Style" });
  expect(style).toHaveValue("For a use case");
  await user.click(style);
  expect(screen.queryByRole("option", { name: "Plain" })).toBeNull();
  await user.keyboard("{Escape}");
  await user.type(brief(1).getByRole("textbox", { name: "Use case" }), "ting");
  await user.click(dialog.getByRole("button", { name: "Open 10 tasks" }));
  await waitFor(() =>
    expect(sent(calls)).toEqual([
      { protocol: 5, briefs: [{ style: "use_case", text: "", use_case: "chatting" }], copies: 10 },
    ]),
  );
});

it("says so when all were there already, and stays", async () => {
  const { user, dialog } = await open(opens(0, 10));
  await user.click(dialog.getByRole("button", { name: "Open 10 tasks" }));
  expect(await dialog.findByText(/all 10 tasks are there already/)).toBeVisible();
});

it("shows what the server refuses, and asks for nothing without a number", async () => {
  const detail = "This protocol is archived.";
  const { user, dialog } = await open({ status: 409, body: { detail, code: "protocol_archived" } });
  await user.click(dialog.getByRole("button", { name: "Open 10 tasks" }));
  expect(await dialog.findByText(detail)).toBeVisible();
  await user.clear(dialog.getByRole("textbox", { name: /^Prompts for each brief/ }));
  expect(dialog.getByRole("button", { name: "Open 0 tasks" })).toBeDisabled();
});

it("is not offered where nobody writes prompts", async () => {
  const calls = fakeNetwork(() => ({ body: { results: [ranking, { ...asking, state: "archived" }], next: null } }));
  show(<AskForPrompts projectId={1} />);
  await waitFor(() => expect(calls).toHaveLength(1));
  expect(screen.queryByRole("button")).toBeNull();
});
