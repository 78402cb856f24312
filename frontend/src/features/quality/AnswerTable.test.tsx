import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { answer } from "./answer.fixture";
import { AnswerTable } from "./AnswerTable";
import type { AnswerFilter } from "./answerFilter";

const strike = {
  id: 3,
  person: { id: 5, name: "Ada" },
  actor: { id: 6, name: "Rita" },
  reason: "Spam.",
  answers: 8,
  left: 7,
  created_at: "2030-01-01T00:00:00Z",
};

function open(filter: AnswerFilter, rows = [answer], mayReview = true) {
  const calls = fakeNetwork(({ method, path }) => {
    if (path.endsWith("/answers/")) return { body: { next: null, results: rows } };
    if (path.endsWith("/people/")) return { body: { results: [{ id: 5, name: "Ada" }] } };
    if (path === "/api/projects/1/strikes/") return { body: { results: [strike] } };
    if (path.endsWith("/undo/")) return { body: { answers: 7 } };
    if (path.endsWith("/strikes/")) return { body: { answers: method === "GET" ? 12 : 11 } };
    return { body: { next: null, results: [] } };
  });
  const onFilter = vi.fn();
  show(<AnswerTable projectId={1} filter={filter} onFilter={onFilter} mayReview={mayReview} />);
  return { calls, onFilter };
}

it("shows who answered, how far they agree, and leads on with the filter kept", async () => {
  open({ agreement: "disagrees" });
  const link = await screen.findByText("What is a lease?");
  expect(link).toHaveAttribute("href", "/projects/1/answers/7?agreement=disagrees");
  const row = within(screen.getByRole("row", { name: /What is a lease/ }));
  expect(row.getByText("Ada")).toBeVisible();
  expect(row.getByText("25%")).toBeVisible();
  expect(row.getByText("Handed in")).toBeVisible();
});

it("asks for a text once it is typed, and keeps the other filters", async () => {
  const { onFilter } = open({ state: "struck" });
  await userEvent.type(await screen.findByLabelText("Search"), "lease");
  await waitFor(() => expect(onFilter).toHaveBeenLastCalledWith({ state: "struck", q: "lease" }));
  expect(onFilter).toHaveBeenCalledOnce();
  await userEvent.click(screen.getByRole("button", { name: "Clear filters" }));
  expect(onFilter).toHaveBeenLastCalledWith({});
});

it.each([
  [{}, "No answers yet"],
  [{ q: "lease" }, "No answer fits"],
])("says why nothing is there: %o", async (filter, says) => {
  open(filter, []);
  expect(await screen.findByText(says)).toBeVisible();
});

it("strikes one person's work after saying how much that is", async () => {
  const { calls } = open({ annotator: 5, protocol: 2, since: "2030-01-01", state: "submitted" });
  await userEvent.click(await screen.findByRole("button", { name: "Strike the work of Ada …" }));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.type(dialog.getByLabelText(/Reason/), "Spam.");
  await userEvent.click(await dialog.findByRole("button", { name: "Strike 12 answers" }));
  expect(await screen.findByText("11 answers struck")).toBeVisible();
  expect(calls.find((call) => call.method === "POST")).toMatchObject({
    path: "/api/projects/1/answers/strikes/",
    body: { annotator: 5, protocol: 2, since: "2030-01-01", reason: "Spam." },
  });
});

it.each([
  [{ annotator: 5 }, false],
  [{}, true],
])("offers no strike for %o when review is %s", async (filter, mayReview) => {
  open(filter, [answer], mayReview);
  await screen.findByText("What is a lease?");
  expect(screen.queryByRole("button", { name: /Strike/ })).not.toBeInTheDocument();
});

it("takes a strike of somebody's work back after asking", async () => {
  const { calls } = open({ state: "struck" });
  expect(await screen.findByText(/^7 answers of Ada, struck .* by Rita/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Take it back" }));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.click(dialog.getByRole("button", { name: "Take it back" }));
  expect(await screen.findByText("7 answers brought back")).toBeVisible();
  expect(calls.find((call) => call.method === "POST")?.path).toBe("/api/projects/1/strikes/3/undo/");
});

it("says among how many a text is sought", async () => {
  open({ q: "lease" });
  expect(await screen.findByText(/among the newest 50,000 answers/)).toBeVisible();
});
