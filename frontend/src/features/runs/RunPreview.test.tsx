import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useMutation } from "@tanstack/react-query";
import { expect, it } from "vitest";
import type { RunPreview as Preview, RunPreviewFound } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { orderPreview, type NewRun } from "./api";
import { RunPreview } from "./RunPreview";

const split = (rows: number): RunPreviewFound["splits"]["train"] => ({
  counts: {
    rows_in: 10,
    rows_used: rows,
    left_out: { all_tied: 2, odd: 1 },
    truncated: 3,
    pairs: { used: 9, tied: 4 },
  },
  repeated: 0,
  longer_preferred: 0.7,
  rows,
  tokens: 1000,
  trained_tokens: 250,
  longest: 64,
  median: 40,
  lengths: [
    { to: 32, rows: 2 },
    { to: 64, rows: 5 },
  ],
});
const run = (state: "read" | "learned" | "scored" | "cut", ...tokens: string[]) => ({
  state,
  tokens,
  hidden: 0,
  hidden_at: 0,
});
const row = (changes: Partial<Preview>): Preview => ({
  id: 5,
  stage: "reward",
  state: "done",
  error: "",
  created_at: "2030-01-01T00:00:00Z",
  finished_at: null,
  found: {
    vocabulary: 512,
    judging: { looks: 4, answers: 64, tokens: 32768 },
    splits: { train: split(7), validation: split(1), test: split(0) },
    warnings: [{ warning: "truncated", number: 3, of: 10 }],
    rows: [
      {
        tokens: 9,
        trained_tokens: 2,
        parts: [
          { kind: "prompt", runs: [run("read", "<|begin|>"), run("cut", "Old", " words"), run("read", "Why?")] },
          { kind: "completion", runs: [run("read", "No"), run("scored", "<|end|>")] },
          { kind: "completion", runs: [run("read", "Because\n"), run("scored", "<|end|>")] },
        ],
        pairs: [[1, 0]],
      },
      { tokens: 3, trained_tokens: 2, parts: [{ kind: "text", runs: [run("learned", "a", "b")] }], pairs: [] },
    ],
  },
  ...changes,
});
const ORDER: NewRun = { release: 3, stage: "reward", start: { preset: "tiny" }, config: { epochs: 1 } };

function Form({ order }: { order: NewRun | null }) {
  const ordering = useMutation({ mutationFn: (given: NewRun) => orderPreview(1, given) });
  return <RunPreview projectId={1} order={order} ordering={ordering} />;
}

const preview = (answer: Preview, order: NewRun | null = ORDER) => {
  const calls = fakeNetwork((call) =>
    call.method === "POST" ? { status: 202, body: row({ state: "queued", found: null }) } : { body: answer },
  );
  show(<Form order={order} />);
  return calls;
};
const press = async () => userEvent.click(await screen.findByRole("button", { name: "Preview" }));

it("sends what the run would be ordered with, and shows every token with what becomes of it", async () => {
  const calls = preview(row({}));
  await press();
  expect(await screen.findByText("Row 1 of 2 · 9 tokens")).toBeVisible();
  expect(calls[0]).toMatchObject({ method: "POST", path: "/api/projects/1/run-previews/", body: ORDER });
  expect(screen.getByRole("figure", { name: "Prompt" })).toHaveTextContent("Cut off: Old wordsRead only: Why?");
  const better = screen.getByRole("figure", { name: "Completion 2" });
  expect(better).toHaveTextContent("Completion 2 · preferred to 1");
  expect(better).toHaveTextContent("Read only: Because⏎ Scored after this token: <|end|>");
  await userEvent.click(screen.getByRole("button", { name: "Next row" }));
  expect(screen.getByText("Learned", { selector: "li *" })).toBeVisible();
  expect(screen.getByRole("figure", { name: "Conversation" })).toHaveTextContent("Learned: ab");
});

it("counts by reason and warns", async () => {
  preview(row({}));
  await press();
  expect(await screen.findByRole("alert")).toHaveTextContent("3 of 10 rows (30%) lose their oldest tokens");
  expect(screen.getByText(/2 left out: nothing is preferred/)).toHaveTextContent("1 left out: odd");
  expect(screen.getByText(/9 pairs learned/)).toHaveTextContent("4 pairs tied");
  expect(screen.getByRole("listitem", { name: "Up to 64 tokens: 5 rows" })).toBeInTheDocument();
  expect(screen.getByText(/among 4 looks: 64 answers are written at each, 32,768 tokens/)).toBeVisible();
  expect(screen.getByRole("row", { name: /^Training 10 7 3 0 1,000 25% 64$/ })).toBeVisible();
});

it("says what went wrong in the child", async () => {
  preview(row({ state: "failed", found: null, error: "The model's chat template cannot be trained through." }));
  await press();
  expect(await screen.findByRole("alert")).toHaveTextContent("cannot be trained through");
});

it("waits for a whole order", async () => {
  const calls = preview(row({}), null);
  await waitFor(() => expect(screen.getByRole("button", { name: "Preview" })).toBeDisabled());
  expect(calls).toEqual([]);
});
