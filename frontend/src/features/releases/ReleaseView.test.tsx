import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { ReleaseView } from "./ReleaseView";

const release = {
  id: 4,
  name: "May",
  state: "running",
  attempt: 1,
  counts: null,
  left_out: {},
  selection: {},
  tags: [],
  stale_at: null,
  withdrawn: [],
  files: [],
  digest_sha256: "",
  error: "",
  frozen_at: null,
  progress_done: 1,
  progress_total: 3,
};
const home = "/api/projects/1/releases/4";

function open(mayFreeze: boolean) {
  let state = "running";
  const calls = fakeNetwork(({ method, path }) => {
    if (!path.startsWith(home)) return { body: { results: [], next: null } };
    if (path === `${home}/cancel/`) state = "cancelled";
    if (path === `${home}/retry/`) state = "queued";
    return { status: method === "POST" && state === "queued" ? 202 : 200, body: { ...release, state } };
  });
  show(<ReleaseView projectId={1} releaseId={4} mayTrain={false} mayFreeze={mayFreeze} />);
  return () => calls.filter((call) => call.method === "POST").map((call) => call.path);
}

it("stops a release that is being frozen, and freezes it again", async () => {
  const posts = open(true);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Cancel job" }));
  expect(await screen.findByText("Cancelled")).toBeVisible();
  await user.click(await screen.findByRole("button", { name: "Run again" }));
  expect(await screen.findByText("Queued")).toBeVisible();
  await waitFor(() => expect(screen.getByRole("button", { name: "Cancel job" })).toBeEnabled());
  expect(posts()).toEqual([`${home}/cancel/`, `${home}/retry/`]);
});

it("leaves those who may only look without the buttons", async () => {
  open(false);
  expect(await screen.findByText("Running")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Cancel job" })).not.toBeInTheDocument();
});
