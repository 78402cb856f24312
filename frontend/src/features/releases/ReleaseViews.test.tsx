import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { ReleaseViews } from "./ReleaseViews";

const home = "/api/projects/1/releases/4/views/";
const options = [
  {
    name: "pairs",
    label: "Which pairs",
    type: "choice",
    default: "all",
    choices: ["all", "best_rest"],
    minimum: 0,
    maximum: 1,
  },
  { name: "ties", label: "Keep ties", type: "boolean", default: false, choices: [], minimum: 0, maximum: 1 },
  { name: "margin", label: "Least margin", type: "number", default: 0, choices: [], minimum: 0, maximum: 1 },
];
const format = { id: "trl_sft", label: "TRL messages", kinds: [], loses: ["ids"], options, source: "", splits: [] };
const view = {
  id: 9,
  format: "trl_sft",
  options: {},
  state: "done",
  files: [{ path: "train.jsonl", rows: 12, bytes: 3, sha256: "" }],
  left_out: { several_turns: 2 },
  loses: ["ids"],
  error: "",
  progress_done: 0,
  progress_total: 0,
};

function open(mayWrite: boolean, state = "done") {
  let views: unknown[] = [];
  const calls = fakeNetwork(({ method, path }) => {
    if (path === "/api/view-formats/") return { body: [format] };
    if (path !== home) return undefined;
    if (method === "POST") views = [{ ...view, state, error: state === "failed" ? "The disk is full." : "" }];
    return { status: method === "POST" ? 202 : 200, body: method === "POST" ? views[0] : views };
  });
  show(<ReleaseViews projectId={1} releaseId={4} mayWrite={mayWrite} />);
  return calls;
}

async function ask(choose?: (user: ReturnType<typeof userEvent.setup>) => Promise<void>) {
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Write TRL messages" }));
  await choose?.(user);
  await user.click(await screen.findByRole("button", { name: "Write" }));
}

it("sends only those choices that differ from the format's own", async () => {
  const calls = open(true);
  await ask(async (user) => {
    await user.click(await screen.findByRole("checkbox", { name: /tied pair/ }));
    await user.click(screen.getByRole("combobox", { name: /Which pairs/ }));
    await user.click(await screen.findByRole("option", { name: "best against the rest" }));
    await user.click(screen.getByRole("checkbox", { name: /tied pair/ }));
  });
  expect(await screen.findByRole("link", { name: "train.jsonl 12" })).toBeVisible();
  const sent = calls.find((call) => call.method === "POST")?.body;
  expect(sent).toEqual({ format: "trl_sft", options: { pairs: "best_rest" } });
});

it("writes a view when asked, and then has its files", async () => {
  const calls = open(true);
  await ask();
  const link = await screen.findByRole("link", { name: "train.jsonl 12" });
  expect(link).toHaveAttribute("href", `${home}9/files/train.jsonl`);
  expect(screen.getByText("Left out: several turns 2")).toBeVisible();
  expect(calls.find((call) => call.method === "POST")?.body).toEqual({ format: "trl_sft", options: {} });
});

it("says why a view could not be written", async () => {
  open(true, "failed");
  await ask();
  expect(await screen.findByRole("alert")).toHaveTextContent("The disk is full.");
});

it("leaves those who may only look without the button", async () => {
  open(false);
  expect(await screen.findByText("Loses: ids")).toBeVisible();
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
});
