import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { Worklists } from "./Worklists";

const sided = (rate: number) => ({ rate, low: rate - 0.2, high: rate + 0.2, tasks: 8 });
const worklist = {
  id: 3,
  model: { id: 7, name: "reward-1" },
  kind: "collect",
  state: "done",
  counts: { tasks: 10, candidates: 200 },
  error: "",
  progress_done: 200,
  progress_total: 200,
  created_at: "2030-01-01T00:00:00Z",
};
const arms = [
  { name: "chosen", tasks: 8, done: 8, sided: sided(0.5) },
  { name: "control", tasks: 2, done: 0, sided: null },
];

const network = (state = "done", counts = worklist.counts) =>
  fakeNetwork(({ path, method }) => {
    const row = { ...worklist, state, counts };
    if (method === "GET" && path.endsWith("/models/7/worklists/")) return { body: { results: [row], next: null } };
    return { body: { ...row, arms } };
  });

it("tells how often people side with the model on each arm", async () => {
  network();
  show(<Worklists projectId={1} modelId={7} />);
  expect(await screen.findByText(/Chosen: 8 of 8 pairs done\. People side with the model in 50%/)).toBeVisible();
  expect(screen.getByText(/By lot: 0 of 2 pairs done\./)).toBeVisible();
});

it("says why there was nothing to ask", async () => {
  network("done", { tasks: 0, candidates: 0 });
  show(<Worklists projectId={1} modelId={7} />);
  expect(await screen.findByText(/no training prompt has two completions/)).toBeVisible();
});

it.each([
  ["Have doubted labels checked", "relabel"],
  ["Collect disputed pairs", "collect"],
])("orders by “%s”", async (name, kind) => {
  const calls = network("running");
  show(<Worklists projectId={1} modelId={7} />);
  await userEvent.click(await screen.findByRole("button", { name }));
  await waitFor(() =>
    expect(calls.find((call) => call.method === "POST")?.body).toEqual({
      kind,
      pairs: 50,
      judges: 2,
      control_share: 0.2,
    }),
  );
});

it("stops one on its way", async () => {
  const calls = network("running");
  show(<Worklists projectId={1} modelId={7} />);
  await userEvent.click(await screen.findByRole("button", { name: "Cancel job" }));
  await waitFor(() => expect(calls.map((call) => call.path)).toContain("/api/projects/1/worklists/3/cancel/"));
});
