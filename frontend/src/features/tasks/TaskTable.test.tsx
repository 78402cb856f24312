import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeNetwork, type Call } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { TaskTable } from "./TaskTable";

const protocol = { id: 4, name: "Write answers", kind: "demonstration" };
const other = { id: 5, name: "Rank answers", kind: "ranking" };
const common = { state: "open", required_answers: 1, answers_count: 0, claims_count: 0, priority: 0, language: "" };

const task = (id: number, more: object) => ({
  ...common,
  id,
  prompt_id: id,
  brief: null,
  excerpt: `Question ${id}`,
  protocol,
  team: "",
  assigned_to: null,
  created_at: "2026-11-25T12:00:00Z",
  closed_at: null,
  ...more,
});
const tasks = [task(1, {}), task(2, { assigned_to: [31, 99, 32] }), task(3, { protocol: other, team: "night" })];
const members = [
  { id: 1, role: "annotator", qualifications: [], user: { id: 31, name: "Ada", email: "ada@example.org" } },
  { id: 2, role: "reviewer", qualifications: [], user: { id: 32, name: "Bea", email: "bea@example.org" } },
  { id: 3, role: "researcher", qualifications: [], user: { id: 33, name: "Rolf", email: "rolf@example.org" } },
];
const page = (results: object[]) => ({ body: { results, next: null, previous: null } });

function answer({ method, path }: Call) {
  if (path.endsWith("/members/")) return page(members);
  if (path.endsWith("/protocols/")) return page([protocol, other]);
  if (path.endsWith("assign/")) return { body: { tasks: 2, own_texts: 1 } };
  return method === "GET" ? page(tasks) : undefined;
}

const sent = (calls: Call[], verb: string) =>
  calls.filter((call) => call.path.endsWith(`/tasks/${verb}/`)).map((call) => call.body);

it("says whom each task is for", async () => {
  fakeNetwork(answer);
  show(<TaskTable projectId={1} mayManage />);
  const row = async (name: string) => within((await screen.findByText(name)).closest("tr") as HTMLElement);
  expect((await row("Question 1")).getByText("Everybody")).toBeVisible();
  expect(await (await row("Question 2")).findByText("Ada, somebody who has left and 1 more")).toBeVisible();
  expect((await row("Question 3")).getByText("night")).toBeVisible();
});

it("says of a task without a prompt what is wanted", async () => {
  const wanted = (id: number, brief: object) =>
    task(id, { prompt_id: null, brief: { text: "", use_case: "", ...brief }, language: "nb" });
  const results = [
    { ...wanted(8, { style: "plain" }), excerpt: "" },
    { ...wanted(9, { style: "few_shot", use_case: "open_qa" }), excerpt: "On housing." },
  ];
  fakeNetwork((call) => (call.path.endsWith("/tasks/") ? page(results) : answer(call)));
  show(<TaskTable projectId={1} mayManage />);
  expect(await screen.findByText("Plain · nb")).toBeVisible();
  expect(screen.getByText("On housing.").closest("td")).toHaveTextContent("With examples · Open question · nb");
});

it("deals the chosen tasks of one protocol out among people who work", async () => {
  const calls = fakeNetwork(answer);
  show(<TaskTable projectId={1} mayManage />);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("checkbox", { name: "Choose task 1" }));
  await user.click(screen.getByRole("checkbox", { name: "Choose task 2" }));
  expect(screen.getByRole("checkbox", { name: "Choose task 3" })).toBeDisabled();
  await user.click(screen.getByRole("button", { name: "Assign 2 tasks" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Whom are these tasks for?" }));
  expect(dialog.getByText("2 tasks of “Write answers”")).toBeVisible();
  expect(dialog.getByRole("button", { name: "Assign" })).toBeDisabled();
  await user.click(dialog.getByRole("combobox", { name: "People" }));
  expect(screen.queryByRole("option", { name: "Rolf" })).toBeNull();
  await user.click(await screen.findByRole("option", { name: "Ada" }));
  await user.click(screen.getByRole("option", { name: "Bea" }));
  await user.click(dialog.getByRole("switch", { name: /Deal them out/ }));
  await user.click(dialog.getByRole("button", { name: "Assign" }));
  await waitFor(() =>
    expect(sent(calls, "assign")).toEqual([{ protocol: 4, tasks: [1, 2], people: [31, 32], each: "split" }]),
  );
  expect(await screen.findByRole("button", { name: "Assign tasks" })).toBeVisible();
});

it("takes back by filter what was assigned", async () => {
  const calls = fakeNetwork(answer);
  show(<TaskTable projectId={1} mayManage />);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Assign tasks" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.click(dialog.getByRole("combobox", { name: "Protocol" }));
  await user.click(await screen.findByRole("option", { name: "Write answers" }));
  await user.type(dialog.getByRole("textbox", { name: "Language" }), "nb");
  await user.type(dialog.getByRole("textbox", { name: "How many" }), "20");
  await user.click(dialog.getByText("Everybody"));
  await user.click(dialog.getByRole("button", { name: "Assign" }));
  await waitFor(() => expect(sent(calls, "unassign")).toEqual([{ protocol: 4, language: "nb", count: 20 }]));
});

it("offers neither choice nor cancelling to who may not manage tasks", async () => {
  fakeNetwork(answer);
  show(<TaskTable projectId={1} mayManage={false} />);
  expect(await screen.findByText("Question 1")).toBeVisible();
  expect(screen.queryByRole("checkbox")).toBeNull();
  expect(screen.queryByRole("button", { name: "Cancel task" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Assign tasks" })).toBeNull();
});
