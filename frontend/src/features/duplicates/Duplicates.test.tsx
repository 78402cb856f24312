import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { Duplicates } from "./Duplicates";

const home = "/api/projects/1/duplicates/";
const done = { id: 3, state: "done", progress_done: 2, progress_total: 2, error: "", finished_at: null };
const prompt = (id: number, content: string, split = "train") => ({
  id,
  split,
  source_label: "",
  messages: [{ role: "user", content }],
});
const cluster = {
  id: 5,
  prompts_count: 8,
  splits_count: 2,
  prompts: [prompt(5, "How long is the Nile?"), prompt(6, "How long is the Rhine?", "test")],
};

function open(found: unknown[], maySearch = true) {
  let search: unknown = null;
  const calls = fakeNetwork(({ method, path }) => {
    if (path === `${home}clusters/`) return { body: { next: null, results: search ? found : [] } };
    if (method === "POST") search = { ...done, counts: { clusters: found.length, prompts: 2 * found.length } };
    return { status: method === "POST" ? 202 : 200, body: method === "POST" ? search : { search } };
  });
  show(<Duplicates projectId={1} maySearch={maySearch} />);
  return calls;
}

it("looks for prompts that are nearly the same and marks where they differ", async () => {
  open([cluster]);
  expect(await screen.findByText("Nobody has looked yet.")).toBeVisible();
  await userEvent.setup().click(screen.getByRole("button", { name: "Look for them" }));
  expect(await screen.findByText("1 group with 2 prompts")).toBeVisible();
  expect(await screen.findByText("In several splits")).toBeVisible();
  expect(screen.getByText("Rhine").tagName).toBe("INS");
  expect(screen.getByText("Nile").tagName).toBe("DEL");
  expect(screen.getByText("and 6 more")).toBeVisible();
});

it("says so when all prompts differ", async () => {
  open([]);
  await userEvent.setup().click(await screen.findByRole("button", { name: "Look for them" }));
  expect(await screen.findByText("No near-duplicates")).toBeVisible();
});

it("lets those who may only read look at what was found", async () => {
  open([], false);
  expect(await screen.findByText("Nobody has looked yet.")).toBeVisible();
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
});
