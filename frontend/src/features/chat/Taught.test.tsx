import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { Taught } from "./Taught";
import { fromFirstShared, partsOf } from "./taughtParts";

const found = {
  model: { id: 3, name: "sft-1" },
  answers: 126,
  people: 4,
  may_read: true,
  searched: 120,
  nearest: [
    {
      answer: 9,
      release: { id: 2, name: "Spring" },
      prompt: "How do I keep basil alive?",
      text: "Water the basil from below.",
      shared: ["basil", "below"],
    },
  ],
};

async function opened(body: unknown) {
  fakeNetwork(() => ({ body }));
  show(<Taught projectId={1} conversationId={2} turnId={5} />);
  await userEvent.click(await screen.findByRole("button", { name: "What taught it this?" }));
  return screen.findByRole("dialog");
}

it("shows the nearest ideal answers, what they share, and where they are", async () => {
  const dialog = await opened(found);
  expect(await within(dialog).findByText(/sft-1 learned to answer from 126 answers by 4 people/)).toBeVisible();
  expect(within(dialog).getByText("basil", { selector: "mark" })).toBeVisible();
  expect(within(dialog).getByRole("link", { name: "Spring" })).toBeVisible();
});

it("tells others how many taught it, and no words", async () => {
  const dialog = await opened({ ...found, may_read: false, searched: 0, nearest: [] });
  expect(await within(dialog).findByText(/for those who may read the project's releases/)).toBeVisible();
  expect(within(dialog).queryByRole("link")).not.toBeInTheDocument();
});

it("cuts a text where words are shared", () => {
  expect(partsOf("Water the Basil.", ["basil"])).toEqual([
    { text: "Water the ", isShared: false },
    { text: "Basil", isShared: true },
    { text: ".", isShared: false },
  ]);
});

it("begins a long text where something is shared", () => {
  const long = `${"Nothing of it. ".repeat(20)}Water the basil.`;
  expect(fromFirstShared(long, ["basil"])).toMatch(/^… (Nothing|of|it\.).* basil\.$/);
  expect(fromFirstShared(long, ["basil"]).length).toBeLessThan(150);
  expect(fromFirstShared("Water the basil.", ["basil"])).toBe("Water the basil.");
  expect(fromFirstShared(long, [])).toBe(long);
});
