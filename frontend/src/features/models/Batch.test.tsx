import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { CompletionBatch } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { Batch } from "./Batch";

const batchIn = (state: CompletionBatch["state"], error = "") =>
  ({
    id: 5,
    attempt: 1,
    n: 4,
    prompts: 10,
    state,
    error,
    counts: { completions: 8, duplicates: 0, empty: 0, tasks: 2 },
    created_at: "2030-01-01T00:00:00Z",
    finished_at: null,
    created_by: { id: 1, name: "Ada" },
    model: { id: 2, name: "Tutor" },
    protocol: { id: 3, name: "Which is best?" },
    progress_done: 2,
    progress_total: 10,
    sampling: {},
  }) as CompletionBatch;

it.each([
  ["running", "Cancel job", "cancel"],
  ["failed", "Run again", "retry"],
  ["cancelled", "Run again", "retry"],
] as const)("offers, while %s, to %s", async (state, name, verb) => {
  const calls = fakeNetwork(() => ({ body: batchIn("queued") }));
  show(<Batch projectId={1} batch={batchIn(state)} />);
  await userEvent.click(await screen.findByRole("button", { name }));
  await waitFor(() =>
    expect(calls.map((call) => `${call.method} ${call.path}`)).toContain(
      `POST /api/projects/1/completion-batches/5/${verb}/`,
    ),
  );
});

it("offers nothing once the completions are written", async () => {
  fakeNetwork(() => undefined);
  show(<Batch projectId={1} batch={batchIn("done")} />);
  expect(await screen.findByText("Done")).toBeVisible();
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
});

it("says why it could not be stopped", async () => {
  fakeNetwork(() => ({ status: 409, body: { code: "job_ended", detail: "Ended.", fields: {} } }));
  show(<Batch projectId={1} batch={batchIn("running")} />);
  await userEvent.click(await screen.findByRole("button", { name: "Cancel job" }));
  expect(await screen.findByText("This job has already ended.")).toBeVisible();
});
