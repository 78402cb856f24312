import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { ChatChoice, ChatSetup } from "@/shared/api/types";
import { show } from "@/shared/testing/show";
import { room, turn } from "./room.fixture";
import { TwoAnswersChoice } from "./TwoAnswersChoice";
import { after, type Live } from "./useAnswering";

const choice = (changes: Partial<ChatChoice> = {}): ChatChoice => ({
  left: 2,
  right: 4,
  state: "open",
  config: { instruction: "Which goes on?", strength_levels: 4, allow_ties: true, allow_edit: true },
  payload: null,
  continues: null,
  continues_by: "",
  ...changes,
});
const two = (changes: Partial<ChatChoice> = {}, config: Record<string, unknown> = {}) => {
  const made = choice(changes);
  return [
    turn(1, null, { choice: { ...made, config: { ...made.config, ...config } } }),
    turn(2, 1, { text: "An oak.", model_name: "" }),
    turn(4, 1, { text: "A car.", model_name: "" }),
  ];
};
const CHOOSE = "/api/projects/1/conversations/4/turns/1/choose/";
const status = () => screen.getByRole("status");

it("shows both side by side, and goes on by keyboard alone", async () => {
  const { sent } = room(two());
  expect(await screen.findByRole("article", { name: "Answer A" })).toHaveTextContent("An oak.");
  expect(screen.getByRole("article", { name: "Answer B" })).toHaveTextContent("A car.");
  expect(screen.queryByRole("textbox")).not.toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Go on with this" })).toBeDisabled();
  await userEvent.keyboard("{Enter}1");
  expect(status()).toHaveTextContent("A is better, by 4 of 4");
  await userEvent.keyboard("{ArrowRight}{Enter}");
  await waitFor(() =>
    expect(sent.filter(({ path }) => path === CHOOSE).map(({ body }) => body)).toEqual([
      {
        payload: { preferred: "c1", strength: 3, both_bad: false, rationale: "", edit: null },
        continue_with: null,
        seconds: expect.any(Number) as number,
      },
    ]),
  );
});

it("lets a tie go on with either, or with what chance picks", async () => {
  const { sent } = room(two());
  await screen.findByText("An oak.");
  await userEvent.keyboard("=b");
  expect(screen.getByRole("radio", { name: "By chance" })).toBeChecked();
  await userEvent.click(screen.getByRole("radio", { name: "Answer B" }));
  await userEvent.click(screen.getByRole("button", { name: "Go on with this" }));
  await waitFor(() =>
    expect(sent.find(({ path }) => path === CHOOSE)?.body).toMatchObject({
      payload: { preferred: null, strength: 0, both_bad: true },
      continue_with: "c2",
    }),
  );
});

it("takes an edit of the better one, and of no other", async () => {
  const { sent } = room(two());
  await screen.findByText("An oak.");
  await userEvent.keyboard("3w");
  const field = screen.getByRole("textbox", { name: "Edited: A" });
  expect(field).toHaveValue("An oak.");
  await userEvent.type(field, " Or a beech.");
  await userEvent.click(screen.getByRole("button", { name: "B4: B is better, by 4 of 4" }));
  expect(screen.getByText(/Your edit is of the other answer/)).toBeVisible();
  expect(screen.getByRole("button", { name: "Go on with this" })).toBeDisabled();
  await userEvent.click(screen.getByRole("button", { name: "A1: A is better, by 1 of 4" }));
  await userEvent.click(screen.getByRole("button", { name: "Go on with this" }));
  await waitFor(() =>
    expect(sent.find(({ path }) => path === CHOOSE)?.body).toMatchObject({
      payload: { preferred: "c1", edit: { of: "c1", text: "An oak. Or a beech." } },
    }),
  );
});

it("wants a reason where the protocol does, and has no tie where it has none", async () => {
  const { sent } = room(two({}, { require_rationale: true, allow_ties: false, allow_edit: false }));
  await screen.findByText("An oak.");
  expect(screen.queryByRole("button", { name: "Edit the better one" })).not.toBeInTheDocument();
  await userEvent.keyboard("1{Enter}");
  expect(sent.filter(({ path }) => path === CHOOSE)).toEqual([]);
  await userEvent.type(screen.getByRole("textbox", { name: "Reason" }), "A car is no tree.");
  await userEvent.click(screen.getByRole("button", { name: "Go on with this" }));
  await waitFor(() =>
    expect(sent.find(({ path }) => path === CHOOSE)?.body).toMatchObject({
      payload: { rationale: "A car is no tree." },
    }),
  );
});

it("goes on with the chosen one and keeps the other beside it", async () => {
  room(two({ state: "chosen", continues: 2, continues_by: "preferred" }));
  expect(await screen.findByText("An oak.")).toBeVisible();
  expect(screen.getByText("You chose this one.")).toBeVisible();
  expect(screen.queryByText("A car.")).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Version after" }));
  expect(screen.getByText("A car.")).toBeVisible();
  expect(screen.getByText("You chose the other one.")).toBeVisible();
});

it("streams both at once, says which did not come, and stops both", async () => {
  const { sent, tell } = room([]);
  await userEvent.type(await screen.findByRole("textbox", { name: "Write to sft-1" }), "Name a tree.{Enter}");
  await waitFor(() => expect(sent.some(({ path }) => path.endsWith("/messages/"))).toBe(true));
  tell(
    { type: "said", turn: 1 },
    { type: "choice", turn: 1, left: 2, right: 3 },
    { type: "piece", text: "A car", place: "right" },
    { type: "piece", text: "An oak", place: "left" },
    { type: "failed", turn: 3, error: "model_down", place: "right" },
  );
  expect(await screen.findByText("An oak")).toBeVisible();
  expect(screen.getByRole("article", { name: "Answer B" })).toHaveTextContent("A carThis answer did not come.");
  expect(screen.getByText("Two answers are being written …")).toBeVisible();
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(sent.map(({ path }) => path)).toContain("/api/projects/1/conversations/4/turns/2/stop/"));
});

it("keeps what is live apart by its place", () => {
  const live: Live = { above: null, said: "Hello", answer: "", two: null, isAnswering: false };
  const both = after(live, { type: "choice", turn: 1, left: 2, right: 3 });
  expect(after(both, { type: "piece", text: "b", place: "right" }).two).toEqual({
    left: { text: "", isGone: false },
    right: { text: "b", isGone: false },
  });
  expect(after(live, { type: "piece", text: "b" }).answer).toBe("b");
  expect(after(live, { type: "settled", turn: 1 })).toBe(live);
});

it("lets those who compare models say how often, and who else answers", async () => {
  const sent: unknown[] = [];
  const setup: ChatSetup = {
    models: [
      { id: 2, name: "sft-1", state: "ready" },
      { id: 3, name: "rl-1", state: "ready" },
    ],
    filter: null,
    filters: [],
    missing: [],
    always: false,
    reasons: [],
    two_answers: { share: 0.1, second: null, protocol: { id: 5, name: "Choose while you talk" } },
  };
  vi.stubGlobal("fetch", async (input: Request) => {
    sent.push([input.method, new URL(input.url).pathname, JSON.parse(await input.text())]);
    return new Response(JSON.stringify(setup), { headers: { "Content-Type": "application/json" } });
  });
  show(<TwoAnswersChoice projectId={1} setup={setup} />);
  expect(await screen.findByText(/Choices are kept in Choose while you talk/)).toBeVisible();
  const share = screen.getByRole("textbox", { name: "Turns answered twice, in percent" });
  expect(share).toHaveValue("10");
  await userEvent.clear(share);
  await userEvent.type(share, "25{Enter}");
  await waitFor(() =>
    expect(sent).toEqual([["PUT", "/api/projects/1/chat/two-answers/", { share: 0.25, second: null }]]),
  );
  await userEvent.click(screen.getByRole("combobox", { name: "The other answer is from" }));
  await userEvent.click(await screen.findByRole("option", { name: "rl-1" }));
  await waitFor(() =>
    expect(sent.at(-1)).toEqual(["PUT", "/api/projects/1/chat/two-answers/", { share: 0.1, second: 3 }]),
  );
});
