import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { room, turn } from "./room.fixture";

it("says what one talks to, and learns from nobody unasked", async () => {
  room([]);
  expect(await screen.findByText("You are talking to sft-1, a language model")).toBeVisible();
  expect(screen.getByText(/can make things up/)).toBeVisible();
  expect(screen.getByRole("radio", { name: "No" })).toBeChecked();
});

it("sends on Enter, shows what comes, and stops on Escape", async () => {
  const { sent, tell } = room([turn(1, null, {}), turn(2, 1, {})]);
  const box = await screen.findByRole("textbox", { name: "Write to sft-1" });
  await userEvent.type(box, "Go{Shift>}{Enter}{/Shift}on.{Enter}");
  await waitFor(() =>
    expect(sent).toContainEqual({
      method: "POST",
      path: "/api/projects/1/conversations/4/messages/",
      body: { text: "Go\non.", parent: 2 },
    }),
  );
  expect(screen.getByText("The filter is reading …")).toBeVisible();
  tell({ type: "said", turn: 3 }, { type: "answering", turn: 6, parent: 3 }, { type: "piece", text: "A lease" });
  expect(await screen.findByText("A lease")).toBeVisible();
  await userEvent.type(box, "{Escape}");
  await waitFor(() => expect(sent.map(({ path }) => path)).toContain("/api/projects/1/conversations/4/turns/6/stop/"));
  await waitFor(() => expect(screen.queryByText("Answering …")).not.toBeInTheDocument());
});

it("leads from one version of an answer to the other, and asks for another", async () => {
  const { sent } = room([turn(1, null, {}), turn(2, 1, {}), turn(4, 1, {})]);
  expect(await screen.findByText("turn 4")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Version before" }));
  expect(screen.getByText("turn 2")).toBeVisible();
  expect(screen.queryByText("turn 4")).not.toBeInTheDocument();
  await userEvent.keyboard("r");
  await waitFor(() =>
    expect(sent.map(({ path }) => path)).toContain("/api/projects/1/conversations/4/turns/2/regenerate/"),
  );
});

it("says what the filter found, and lets one appeal", async () => {
  const refusal = { side: "input", categories: ["violence", "odd"], filter_name: "filter", appeal: null } as const;
  const { sent } = room([
    turn(1, null, { state: "refused", refusal: { ...refusal, categories: ["violence", "odd"] } }),
  ]);
  expect(await screen.findByText("This was not passed on: the filter found something in it")).toBeVisible();
  expect(screen.getByRole("list", { name: "What the filter found" })).toHaveTextContent("Violenceodd");
  await userEvent.click(screen.getByRole("button", { name: "The filter is wrong" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Why is it wrong?" }), "It is a novel.");
  await userEvent.click(screen.getByRole("button", { name: "Appeal" }));
  await waitFor(() =>
    expect(sent).toContainEqual({
      method: "POST",
      path: "/api/projects/1/conversations/4/turns/1/appeal/",
      body: { reason: "It is a novel." },
    }),
  );
});

it("keeps what was typed when it is not taken", async () => {
  const { end } = room([]);
  const box = await screen.findByRole("textbox", { name: "Write to sft-1" });
  vi.stubGlobal("fetch", () =>
    Promise.resolve(
      new Response(JSON.stringify({ code: "too_many_answers", detail: "Too many answers." }), { status: 429 }),
    ),
  );
  await userEvent.type(box, "Hello{Enter}");
  expect(await screen.findByText("Too many answers.")).toBeVisible();
  expect(box).toHaveValue("Hello");
  end();
});
