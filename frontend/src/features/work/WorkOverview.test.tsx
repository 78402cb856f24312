import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { NoWork, Queue } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show as render } from "@/shared/testing/show";
import { WorkOverview } from "./WorkOverview";

const queue = (id: number, no_work: NoWork | null): Queue => ({
  project: { id: 1, name: "Assistant" },
  protocol: { id, name: `Work ${id}`, kind: "ranking" },
  available: no_work === null,
  no_work,
  to_agree: [],
  answered_by_me: 3,
  answered_today: 1,
});

function showQueues(...queues: Queue[]) {
  const today = { date: "2026-11-20", answers: 4, seconds: 3600, answers_per_hour: 4 };
  const pace = { today, days: [today, today], usual_answers: null, usual_per_hour: null };
  fakeNetwork(({ path }) => {
    if (path === "/api/work/") return { body: { queues, claims: [] } };
    return { body: path === "/api/work/pace/" ? pace : { results: [], next: null, previous: null } };
  });
  render(<WorkOverview onClaim={() => undefined} />);
}

it("says once why there is nothing where it is the same for all", async () => {
  showQueues(queue(1, "enough_for_today"), queue(2, "enough_for_today"));
  expect(await screen.findAllByText("Enough for today")).toHaveLength(1);
  expect(screen.getAllByRole("button", { name: "Nothing waiting" })).toHaveLength(2);
});

it("says of each queue why it has nothing", async () => {
  showQueues(queue(1, "with_others"), queue(2, "paused"), queue(3, null));
  expect(await screen.findByText(/Somebody holds every task/)).toBeVisible();
  expect(screen.getByText(/have paused this work/)).toBeVisible();
  expect(screen.getByRole("button", { name: "Start" })).toBeEnabled();
});

it("tells how long I have been at the desk", async () => {
  showQueues(queue(1, null));
  expect(await screen.findByText("Your active hours")).toBeVisible();
  expect(screen.getByText("Last 7 days").parentElement).toHaveTextContent("2h 0m");
});
