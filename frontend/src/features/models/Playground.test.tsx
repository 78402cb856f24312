import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { Continuation } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { Playground } from "./Playground";

const row = (changes: Partial<Continuation>): Continuation => ({
  id: 4,
  model: { id: 2, name: "pretrain-1" },
  state: "done",
  prompt: "It is a truth",
  sampling: { temperature: 0.8, top_p: 1, max_new_tokens: 400, seed: 3 },
  text: " universally acknowledged",
  progress_done: 100,
  progress_total: 400,
  error: "",
  created_at: "2030-01-01T00:00:00Z",
  finished_at: null,
  created_by: { id: 1, name: "Ada" },
  ...changes,
});

const playground = (rows: Continuation[], answer?: { status: number; body: unknown }) => {
  const calls = fakeNetwork((call) =>
    call.method === "GET" ? { body: { next: null, previous: null, results: rows } } : (answer ?? { body: rows[0] }),
  );
  show(<Playground projectId={1} modelId={2} />);
  return calls;
};

it("says that the model completes and does not answer, and sends what is asked", async () => {
  const calls = playground([]);
  expect(await screen.findByText(/completes text, it does not answer/)).toBeVisible();
  expect(await screen.findByText("Nothing written yet.")).toBeVisible();
  const text = screen.getByRole("textbox", { name: "Text to go on from" });
  await userEvent.clear(text);
  await userEvent.type(text, "It is a truth");
  const seed = screen.getByRole("textbox", { name: "Seed" });
  await userEvent.clear(seed);
  await userEvent.type(seed, "3");
  await userEvent.click(screen.getByRole("button", { name: "Go on" }));
  await waitFor(() =>
    expect(calls.find((call) => call.method === "POST")).toMatchObject({
      path: "/api/projects/1/models/2/continuations/",
      body: { prompt: "It is a truth", temperature: 0.8, max_new_tokens: 400, seed: 3 },
    }),
  );
});

it("shows the text as one with what was written after it", async () => {
  playground([row({})]);
  expect(await screen.findByText("It is a truth")).toBeVisible();
  expect(screen.getByText(/universally acknowledged/)).toHaveTextContent("It is a truth universally acknowledged");
  expect(screen.queryByRole("button", { name: "Cancel job" })).not.toBeInTheDocument();
});

it("says how far a text is, and lets it be stopped", async () => {
  const calls = playground([row({ state: "running", text: "" })]);
  expect(await screen.findByText("Writing …")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Cancel job" }));
  await waitFor(() =>
    expect(calls.map((call) => `${call.method} ${call.path}`)).toContain(
      "POST /api/projects/1/continuations/4/cancel/",
    ),
  );
});

it("names the characters that the model does not know", async () => {
  playground([row({ state: "failed", text: "", error: "The model knows only the characters of its corpus." })]);
  expect(await screen.findByRole("alert")).toHaveTextContent("knows only the characters");
});
