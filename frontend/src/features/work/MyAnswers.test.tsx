import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { MyAnswer } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { claimOf } from "./claim.fixture";
import { isOpenToChange } from "./history/ReopenButton";
import { MyAnswers } from "./MyAnswers";

const answer = (change: Partial<MyAnswer>): MyAnswer => ({
  id: 1,
  project: { id: 1, name: "Tutor" },
  protocol: { id: 2, name: "Write" },
  kind: "demonstration",
  messages: [{ role: "user", content: "Why?" }],
  submitted_at: "2026-11-20T12:00:00Z",
  is_spare: false,
  seconds: 61,
  payload: { completion: "Because." },
  state: "submitted",
  review_note: "",
  frozen_at: null,
  is_withdrawn: false,
  ...change,
});

it("shows what the reviewer said, and opens a returned answer again", async () => {
  const rows = [
    answer({ state: "returned", review_note: "Say why." }),
    answer({ id: 2, state: "accepted", frozen_at: "2026-11-21T12:00:00Z" }),
  ];
  const claim = claimOf();
  const calls = fakeNetwork(({ method }) =>
    method === "POST" ? { status: 201, body: claim } : { body: { results: rows, next: null, previous: null } },
  );
  const onClaim = vi.fn();
  show(<MyAnswers onClaim={onClaim} />);
  const [, returned, accepted] = await screen.findAllByRole("row");
  expect(within(returned as HTMLElement).getByText("Say why.")).toBeVisible();
  expect(within(accepted as HTMLElement).getByText("Accepted")).toBeVisible();
  expect(within(accepted as HTMLElement).queryByRole("button", { name: "Reopen" })).not.toBeInTheDocument();
  await userEvent.click(within(returned as HTMLElement).getByRole("button", { name: "Reopen" }));
  await waitFor(() => expect(onClaim).toHaveBeenCalledWith(claim));
  expect(calls.filter((call) => call.method === "POST").map((call) => call.path)).toEqual([
    "/api/work/answers/1/reopen/",
  ]);
});

it("takes one answer back after asking, and offers it no more", async () => {
  let rows = [answer({ frozen_at: "2026-11-21T12:00:00Z" })];
  const calls = fakeNetwork(({ method }) => {
    if (method === "POST") rows = rows.map((row) => ({ ...row, is_withdrawn: true }));
    return { status: method === "POST" ? 201 : 200, body: { results: rows, next: null, previous: null } };
  });
  show(<MyAnswers onClaim={vi.fn()} />);
  await userEvent.click(await screen.findByRole("button", { name: "Take back" }));
  const dialog = await screen.findByRole("dialog");
  await userEvent.click(await within(dialog).findByRole("button", { name: "Take back" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Take back" })).not.toBeInTheDocument());
  expect(calls.find((call) => call.method === "POST")).toMatchObject({
    path: "/api/me/withdrawals/",
    body: { answer: 1, reason: "" },
  });
});

const frozen_at = "2026-11-21T12:00:00Z";
it.each([
  [{}, true],
  [{ state: "accepted" }, true],
  [{ frozen_at }, false],
  [{ state: "returned", frozen_at }, true],
  [{ state: "struck" }, false],
] satisfies [Partial<MyAnswer>, boolean][])("an answer with %j is open to change: %s", (change, expected) =>
  expect(isOpenToChange(answer(change))).toBe(expected),
);
