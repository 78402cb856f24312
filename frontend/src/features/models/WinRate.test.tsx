import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { ModelComparison, ModelDetail, WinRate as Found } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { DeployRule } from "./DeployRule";
import { WinRate } from "./WinRate";

const model = { id: 7, stage: "rl", stale_at: null } as ModelDetail;
const rate = (value: number) => ({ rate: value, low: 0.55, high: 0.9, tasks: 20 });
const people = {
  overall: rate(0.75),
  shown_first: rate(0.8),
  shown_second: rate(0.7),
  balanced: 0.75,
  verdicts: 40,
  ties: 6,
  judges: 3,
  agreement: 0.85,
  judged_twice: 20,
};
const found: Found = {
  baseline: { id: 2, name: "sft-1" },
  people,
  reward: { pairs: 30, mean_difference: 1.25, share: 0.9, agreement: 0.8, agreement_tasks: 18 },
  tasks: 30,
  done: 20,
  needed: null,
  is_waiting: false,
};
const nothing = { ...found, tasks: 0, done: 0, people: { ...people, overall: null } };
const comparison = {
  id: 3,
  model: { id: 7, name: "rl-1" },
  protocol: { id: 4, name: "Blind" },
  state: "running",
  prompts: 30,
  judges: 2,
  counts: { tasks: 0, same: 0, empty: 0 },
  error: "",
  progress_done: 5,
  progress_total: 60,
  created_at: "2030-01-01T00:00:00Z",
} as unknown as ModelComparison;

const network = (said: Found, rows: ModelComparison[] = []) =>
  fakeNetwork(({ path, method }) => {
    if (path.endsWith("/win-rate/")) return { body: said };
    if (path.endsWith("/models/7/comparisons/") && method === "GET") return { body: { results: rows, next: null } };
    return { body: comparison };
  });

it("tells the win rate with its interval, the sides, the judges and the reward model", async () => {
  network(found);
  show(<WinRate projectId={1} model={model} mayWrite={false} />);
  expect(await screen.findByText("surely 55% to 90%")).toBeVisible();
  expect(screen.getByText("20 of 30 pairs done · 40 verdicts by 3 people · 6 ties")).toBeVisible();
  expect(screen.getByText("shown first 80%, second 70%")).toBeVisible();
  expect(screen.getByText("by 1.25 on average")).toBeVisible();
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
});

it("has people compare with one click", async () => {
  const calls = network(nothing);
  show(<WinRate projectId={1} model={model} mayWrite />);
  await userEvent.click(await screen.findByRole("button", { name: "Have people compare it" }));
  await waitFor(() =>
    expect(calls.find((call) => call.method === "POST")).toMatchObject({
      path: "/api/projects/1/models/7/comparisons/",
      body: { prompts: 50, judges: 2 },
    }),
  );
});

it("stops a comparison on its way", async () => {
  const calls = network(nothing, [comparison]);
  show(<WinRate projectId={1} model={model} mayWrite />);
  await userEvent.click(await screen.findByRole("button", { name: "Cancel job" }));
  await waitFor(() => expect(calls.map((call) => call.path)).toContain("/api/projects/1/comparisons/3/cancel/"));
});

it.each([
  [true, /So far that is sure of 55%/],
  [false, /more than the 50% this project asks for/],
])("says what is missing where it waits: %s", async (is_waiting, words) => {
  network({ ...found, needed: 0.5, is_waiting });
  show(<WinRate projectId={1} model={model} mayWrite={false} />);
  expect(await screen.findByText(words)).toBeVisible();
});

it("says that nothing was heard yet where it waits", async () => {
  network({ ...found, people: { ...people, overall: null }, needed: 0.5, is_waiting: true });
  show(<WinRate projectId={1} model={model} mayWrite={false} />);
  expect(await screen.findByText(/more than 50% of pairs\. No pair has all its answers yet/)).toBeVisible();
});

it("is not there for a model that refines none", async () => {
  const calls = network({ ...nothing, baseline: null });
  show(<WinRate projectId={1} model={model} mayWrite />);
  await waitFor(() => expect(calls.length).toBeGreaterThan(0));
  expect(screen.queryByText("What people say of it")).not.toBeInTheDocument();
});

it("lets refined models wait for people", async () => {
  const calls = fakeNetwork(() => ({ body: { needed_win_rate: null } }));
  show(<DeployRule projectId={1} />);
  await userEvent.click(await screen.findByRole("checkbox"));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(calls.find((call) => call.method === "PUT")?.body).toEqual({ needed_win_rate: 0.5 }));
});
