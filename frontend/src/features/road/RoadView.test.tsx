import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { Road } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { RoadView } from "./RoadView";
import { standFixture } from "./stand.fixture";

const model = { id: 5, name: "reward-1", deployable: false, created_at: "2026-11-27T00:00:00Z" };
const judged = standFixture({
  station: "reward",
  need: { unit: "completions", low: 100_000, high: 1_000_000 },
  have: 174,
  people_seconds: 0,
  agreement: { tasks: 80, agreement: 0.726, agreement_low: 0.7, agreement_high: 0.75, is_measured: true },
  model,
  headline: { name: "accuracy", value: 0.611, low: 0.58, high: 0.64, before: null },
  ceiling: { agreement: 0.726, low: null, high: null, tasks: 80 },
  step: { do: "more", target: null, station: null, is_order: false },
});
const chat = standFixture({
  station: "chat",
  need: null,
  have: null,
  accepted: null,
  people_seconds: 0,
  first: ["moderation"],
  step: { do: "first", target: null, station: "moderation", is_order: false },
});
const road: Road = { stands: [standFixture(), judged, chat], walk: null, counted_at: null };

function shown(given: Road, mayOrder = true) {
  const calls = fakeNetwork(({ method }) => ({ body: method === "GET" ? given : { jobs: [] } }));
  show(<RoadView projectId={1} mayOrder={mayOrder} />);
  return calls;
}

it("says what each station needs, has and is worth", async () => {
  shown(road);
  const map = await screen.findByRole("navigation", { name: "Stations of the road" });
  expect(within(map).getByRole("link", { name: /Reward model/ })).toHaveAttribute("href", "#station-reward");
  expect(screen.getByText("3,214 of 10,000–100,000 ideal answers")).toBeVisible();
  expect(screen.getByText("92% accepted by a reviewer.")).toBeVisible();
  expect(screen.getByText("People: 2h 0m")).toBeVisible();
  expect(screen.getByText(/Judges as people did: 61.1% \[58%, 64%\]/)).toBeVisible();
  expect(screen.getByText("People agree with each other: 72.6%.")).toBeVisible();
  expect(screen.getByRole("link", { name: "First: Moderation filter" })).toHaveAttribute("href", "#station-moderation");
});

it("does what is next, as it was shown", async () => {
  const calls = shown(road);
  await userEvent.click(await screen.findByRole("button", { name: "Freeze a release" }));
  expect(calls.find(({ method }) => method === "POST")).toMatchObject({
    path: "/api/projects/1/road/sft/step/",
    body: { do: "freeze", target: null },
  });
});

it("orders nothing for those who may not", async () => {
  shown(road, false);
  expect(await screen.findByText("3,214 of 10,000–100,000 ideal answers")).toBeVisible();
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
});

it("shows a walk stage by stage, and stops it", async () => {
  const run = {
    id: 4,
    stage: "pretrain",
    state: "running",
    progress_done: 5,
    progress_total: 10,
    eta_seconds: 3,
    error: "",
  } as const;
  const walk = {
    id: 2,
    state: "running",
    said: "",
    release: { id: 9, name: "Road 2026-11-27" },
    release_state: "done",
    runs: [run],
    stages: ["pretrain", "sft"],
    created_at: "2026-11-27T00:00:00Z",
    finished_at: null,
  } as const;
  const calls = shown({ ...road, walk: { ...walk, runs: [run], stages: ["pretrain", "sft"] } });
  expect(await screen.findByRole("progressbar", { name: "Progress" })).toHaveAttribute("aria-valuenow", "37.5");
  await userEvent.click(screen.getByRole("button", { name: "Stop" }));
  expect(calls.at(-2)).toMatchObject({ method: "POST", path: "/api/projects/1/walks/2/cancel/" });
});
