import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { AnswerDetail } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { answer } from "./answer.fixture";
import { AnswerReview } from "./AnswerReview";

interface Given {
  row?: AnswerDetail;
  readerId?: number;
  mayReview?: boolean;
  answered?: { status?: number; body?: unknown };
}

async function open({ row = answer, readerId = 1, mayReview = true, answered }: Given = {}) {
  const calls = fakeNetwork(({ method, path }) => {
    if (path.endsWith("/neighbours/")) return { body: { newer: null, older: 6 } };
    return method === "POST" ? answered : { body: row };
  });
  const onOpen = vi.fn();
  const props = { projectId: 1, answerId: 7, filter: { protocol: 2 }, readerId, mayReview, onOpen };
  show(<AnswerReview {...props} />);
  await screen.findByText("What is a lease?");
  return { calls, onOpen };
}

const sent = (calls: { method: string; body: unknown }[]) => calls.filter((call) => call.method === "POST");

it.each([
  ["a", "accept", "accepted", "Accepted"],
  ["s", "strike", "struck", "Struck"],
])("decides with the key %s", async (key, verdict, state, shown) => {
  const { calls } = await open({ answered: { body: { ...answer, state } } });
  await userEvent.keyboard(key);
  expect(await screen.findByText(shown)).toBeVisible();
  expect(sent(calls)).toMatchObject([{ path: "/api/projects/1/answers/7/review/", body: { verdict, revision: 1 } }]);
});

it("returns with a reason and not without", async () => {
  const { calls } = await open({ answered: { body: { ...answer, state: "returned" } } });
  await userEvent.keyboard("r");
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByRole("button", { name: "Return" })).toBeDisabled();
  await userEvent.type(dialog.getByLabelText(/Reason/), "Look again at c2.{Control>}{Enter}{/Control}");
  await waitFor(() =>
    expect(sent(calls)).toMatchObject([{ body: { verdict: "return", revision: 1, reason: "Look again at c2." } }]),
  );
});

it("goes on and back through the filtered list", async () => {
  const { calls, onOpen } = await open();
  await waitFor(() => expect(screen.getByRole("button", { name: /Next/ })).toBeEnabled());
  await userEvent.keyboard("kj");
  expect(onOpen.mock.calls).toEqual([[6]]);
  expect(screen.getByRole("button", { name: /Previous/ })).toBeDisabled();
  expect(calls.map((call) => call.path)).toContain("/api/projects/1/answers/7/neighbours/");
});

it("shows agreement and the others beside it", async () => {
  await open();
  const aside = within(screen.getByRole("complementary"));
  expect(aside.getAllByText("25%")).toHaveLength(2);
  expect(aside.getByRole("link", { name: "Bo" })).toHaveAttribute("href", "/projects/1/answers/8?protocol=2");
});

it("takes a verdict back, and says who gave it", async () => {
  const review = {
    id: 1,
    revision: 1,
    verdict: "strike",
    reason: "Spam.",
    reviewer: { id: 9, name: "Cy" },
    created_at: "2030-01-01T00:00:00Z",
  } as const;
  const { calls } = await open({ row: { ...answer, state: "struck", reviews: [review] } });
  expect(screen.getByText("Struck by Cy")).toBeVisible();
  expect(screen.getByText("Spam.")).toBeVisible();
  await userEvent.keyboard("su");
  await waitFor(() => expect(sent(calls)).toMatchObject([{ body: { verdict: "restore" } }]));
});

it.each([
  ["their own answer", { readerId: 5 }, "This answer is your own: somebody else reviews it."],
  ["what they may only read", { mayReview: false }, "Handed in"],
])("lets nobody decide about %s", async (_, who, says) => {
  const { calls } = await open(who);
  expect(screen.getByText(says)).toBeVisible();
  await userEvent.keyboard("as");
  expect(screen.queryByRole("button", { name: /Accept/ })).not.toBeInTheDocument();
  expect(sent(calls)).toEqual([]);
});

it("says so when the answer has changed, and reads it again", async () => {
  const problem = { code: "answer_changed", detail: "Its author has handed in form 2 meanwhile.", fields: {} };
  const { calls } = await open({ answered: { status: 409, body: problem } });
  const before = calls.length;
  await userEvent.keyboard("a");
  expect(await screen.findByText(/form 2 meanwhile/)).toBeVisible();
  await waitFor(() => expect(calls.slice(before + 1).some((call) => call.method === "GET")).toBe(true));
});

it("shows no words of what its author took back, and offers no verdict on it", async () => {
  const calls = fakeNetwork(({ path }) =>
    path.endsWith("/neighbours/")
      ? { body: { newer: null, older: null } }
      : {
          body: {
            ...answer,
            payload: {},
            state: "struck",
            withdrawn: { kind: "work", at: "2030-01-02T00:00:00Z" },
          },
        },
  );
  show(<AnswerReview projectId={1} answerId={7} filter={{}} readerId={9} mayReview onOpen={() => undefined} />);
  expect(await screen.findByText("Withdrawn by who gave it")).toBeVisible();
  expect(screen.queryByText("What is a lease?")).not.toBeInTheDocument();
  await userEvent.keyboard("as");
  expect(sent(calls)).toEqual([]);
});
