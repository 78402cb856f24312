import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { MyConsents } from "./MyConsents";
import { MyData } from "./MyData";

const ada = { id: 5, name: "Ada" };
const withdrawal = {
  id: 1,
  kind: "work",
  answers: 3,
  reason: "",
  created_at: "2026-11-26T10:00:00Z",
  person: ada,
  actor: ada,
};
const given = {
  project: { id: 7, name: "Assistant" },
  answers: 3,
  kinds: [
    { kind: "demonstration", answers: 1 },
    { kind: "ranking", answers: 2 },
  ],
  prompts: 0,
  completions: 0,
  releases: 1,
  models: 2,
  withdrawals: [] as unknown[],
};

it("takes back what was given, after saying what that means", async () => {
  let results = [given];
  const calls = fakeNetwork(({ method }) => {
    if (method !== "POST") return { body: { results } };
    results = [{ ...given, answers: 0, kinds: [], withdrawals: [withdrawal] }];
    return { status: 201, body: withdrawal };
  });
  show(<MyData />);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Take back all of it" }));
  const dialog = await screen.findByRole("dialog");
  expect(await within(dialog).findByText(/Your 3 answers leave the project/)).toBeVisible();
  expect(within(dialog).getByText(/2 models that learned from them are marked/)).toBeVisible();
  expect(calls.some((call) => call.method === "POST")).toBe(false);
  await user.click(within(dialog).getByRole("button", { name: "Take back all of it" }));
  expect(await screen.findByText(/all my work · 3 answers/)).toBeVisible();
  expect(calls.find((call) => call.method === "POST")?.body).toEqual({ project: 7, reason: "" });
  expect(screen.queryByRole("button", { name: "Take back all of it" })).not.toBeInTheDocument();
});

it("says where things will be listed when nothing was given", async () => {
  fakeNetwork(() => ({ body: { results: [] } }));
  show(<MyData />);
  expect(await screen.findByText("Nothing given yet")).toBeVisible();
});

it("says how much of which kind was given, and who took back what for whom", async () => {
  const byManager = { ...withdrawal, actor: { id: 8, name: "Max" } };
  fakeNetwork(() => ({ body: { results: [{ ...given, withdrawals: [byManager] }] } }));
  show(<MyData />);
  expect(await screen.findByText("Writing 1 · Ranking 2")).toBeVisible();
  expect(screen.getByText(/all my work · 3 answers · by Max for you/)).toBeVisible();
});

it("lists where conversations may be learned from, and revokes it after asking", async () => {
  const consented = { project: { id: 7, name: "Assistant" }, always: true, conversations: 2, prompts: 1 };
  let results = [consented];
  const calls = fakeNetwork(({ method }) => {
    if (method === "POST") results = [];
    return { body: { results } };
  });
  show(<MyConsents />);
  const user = userEvent.setup();
  expect(await screen.findByText(/every conversation that you begin · 2 conversations · 1 prompt came/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Revoke all of it" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(await within(dialog).findByRole("button", { name: "Revoke all of it" }));
  await waitFor(() => expect(screen.queryByText("Assistant")).not.toBeInTheDocument());
  expect(calls.find(({ method }) => method === "POST")?.path).toBe("/api/me/consents/7/revoke/");
});
