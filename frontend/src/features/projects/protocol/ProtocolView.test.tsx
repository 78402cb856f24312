import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { Protocol, Setting } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { ProtocolView } from "./ProtocolView";

const home = "/api/projects/1/protocols/2/";

const setting = (name: string, type: Setting["type"], rest: Partial<Setting> = {}): Setting => ({
  name,
  type,
  about: `About ${name}.`,
  default: "",
  ...rest,
});
const kinds = [
  {
    key: "ranking",
    follow_ups: [],
    settings: [
      setting("instruction", "text"),
      setting("allow_ties", "switch", { default: true }),
      setting("rating_scale", "number", { minimum: 0, maximum: 100, default: 0 }),
      setting("completion_flags", "names", { maximum: 50, default: [] }),
      setting("yet_unheard_of", "choice", { choices: ["one_way", "another"], default: "one_way" }),
    ],
  },
  { key: "score", follow_ups: [], settings: [] },
  { key: "demonstration", follow_ups: ["score"], settings: [] },
];
const config = { instruction: "", allow_ties: true, rating_scale: 0, completion_flags: [], yet_unheard_of: "one_way" };
const protocolOf = (change: Partial<Protocol>): Protocol => ({
  id: 2,
  name: "Which is best?",
  kind: "ranking",
  preset: "",
  state: "active",
  required_answers: 1,
  maximum_answers: null,
  agreement_floor: null,
  lease_seconds: 1800,
  eligible_roles: [],
  eligible_teams: [],
  required_qualifications: [],
  answers_per_person: null,
  answers_per_day: null,
  calibration_share: 0,
  assignment_rules: [],
  follow_up: null,
  version: 1,
  config,
  guideline: null,
  ...change,
});
const ada = {
  id: 7,
  role: "annotator",
  qualifications: ["law"],
  languages: [],
  team: "Oslo",
  user: { id: 3, name: "Ada" },
};
const scoring = protocolOf({ id: 5, name: "Score them", kind: "score" });
const held = { claims: [{ protocol: 2 }, { protocol: 2 }, { protocol: 9 }], protocols: [] };

function open(change: Partial<Protocol> = {}, refusal?: { status: number; body: object }) {
  let protocol = protocolOf(change);
  const onCopied = vi.fn();
  const calls = fakeNetwork(({ method, path, body }) => {
    if (path === "/api/kinds/") return { body: kinds };
    if (path === "/api/projects/1/board/") return { body: held };
    if (path === "/api/projects/1/members/") return { body: { results: [ada], next: null } };
    if (path === "/api/projects/1/protocols/") return { body: { results: [protocol, scoring], next: null } };
    if (path === `${home}duplicate/`) return { status: 201, body: protocolOf({ id: 3 }) };
    if (path !== home) return { body: { results: [], next: null } };
    if (method === "PATCH" && refusal) return refusal;
    if (method === "PATCH") protocol = { ...protocol, ...(body as object), version: 2 };
    return { body: protocol };
  });
  show(
    <ProtocolView
      projectId={1}
      protocolId={2}
      preview={(_, shown) => <output aria-label="Desk">{JSON.stringify(shown)}</output>}
      onCopied={onCopied}
    />,
  );
  const bodies = (wanted: string) => calls.filter((call) => call.method === wanted).map((call) => call.body);
  return { changes: () => bodies("PATCH"), posts: () => calls.filter((call) => call.method === "POST"), onCopied };
}

const panel = async (name: string) =>
  within((await screen.findByRole("heading", { name })).closest("section") as HTMLElement);
const field = (name: string) => screen.getByRole("combobox", { name });
const saveIn = async (name: string) => userEvent.click((await panel(name)).getByRole("button", { name: "Save" }));

it("edits every type of setting, shows each change at once, and saves them as one version", async () => {
  const { changes } = open();
  await userEvent.type(await screen.findByLabelText("Instruction"), "Facts first.");
  await userEvent.click(screen.getByLabelText("Allow ties"));
  await userEvent.clear(screen.getByLabelText(/^Steps of the rating/));
  await userEvent.type(screen.getByLabelText(/^Steps of the rating/), "7");
  await userEvent.type(field("Flags of a completion"), "invented,");
  const expected = {
    ...config,
    instruction: "Facts first.",
    allow_ties: false,
    rating_scale: 7,
    completion_flags: ["invented"],
  };
  expect(JSON.parse(screen.getByLabelText("Desk").textContent)).toEqual(expected);
  await saveIn("Rules for answers");
  await waitFor(() => expect(changes()).toEqual([{ config: expected }]));
  expect(await screen.findByText(/^Version 2\./)).toBeVisible();
});

it("has a field for a setting that it has never heard of, in the server's words", async () => {
  open();
  const field = await screen.findByRole("combobox", { name: "Yet unheard of" });
  expect(field).toHaveValue("One way");
  expect(screen.getByText("About yet_unheard_of.")).toBeVisible();
});

it("says at the field what the server refused", async () => {
  open(
    {},
    {
      status: 400,
      body: { code: "invalid_config", detail: "No.", errors: [{ field: "allow_ties", message: "must be true" }] },
    },
  );
  await screen.findByLabelText("Allow ties");
  await saveIn("Rules for answers");
  expect(await screen.findAllByText("must be true")).not.toHaveLength(0);
});

it("steers the queue: overlap that grows, limits, people, rules", async () => {
  const { changes } = open();
  await userEvent.click(await screen.findByLabelText("Ask more people where answers disagree"));
  await userEvent.type(screen.getByLabelText("Most a day, per person"), "40");
  await userEvent.type(field("Qualifications"), "law,");
  await userEvent.click(screen.getByRole("button", { name: "Add a rule" }));
  await userEvent.type(field("Prompts in"), "nb,");
  await userEvent.type(screen.getByLabelText("For the team"), "Oslo");
  await saveIn("Queue");
  await waitFor(() => expect(changes()).toHaveLength(1));
  expect(changes()[0]).toEqual({
    required_answers: 1,
    maximum_answers: 3,
    agreement_floor: 0.6,
    lease_seconds: 1800,
    eligible_roles: [],
    eligible_teams: [],
    required_qualifications: ["law"],
    answers_per_person: null,
    answers_per_day: 40,
    calibration_share: 0,
    assignment_rules: [{ languages: ["nb"], team: "Oslo" }],
    follow_up: null,
  });
});

it("lets finished work go on only to a protocol of a fitting kind", async () => {
  const { changes } = open({ kind: "demonstration" });
  await userEvent.click(await screen.findByRole("combobox", { name: "Finished answers go on to" }));
  expect((await screen.findAllByRole("option")).map((option) => option.textContent)).toEqual(["Score them"]);
  await userEvent.click(screen.getByRole("option", { name: "Score them" }));
  await saveIn("Queue");
  await waitFor(() => expect(changes()[0]).toMatchObject({ follow_up: 5 }));
});

it("pauses after saying who may still finish", async () => {
  const { changes } = open();
  await userEvent.click(await screen.findByRole("button", { name: "Pause" }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent("Whoever holds one may finish it and hand it in. 2 tasks are held right now.");
  await userEvent.click(within(dialog).getByRole("button", { name: "Pause" }));
  await waitFor(() => expect(changes()).toEqual([{ state: "paused" }]));
  expect(await screen.findByRole("button", { name: "Resume" })).toBeVisible();
});

it("shows an archived protocol to be read, and takes it out again", async () => {
  const { changes } = open({ state: "archived" });
  await userEvent.click(await screen.findByRole("button", { name: "Take out of the archive" }));
  await waitFor(() => expect(changes()).toEqual([{ state: "active" }]));
});

it("has nothing to edit in the archive", async () => {
  open({
    state: "archived",
    guideline: { id: 4, number: 4, markdown: "Be fair.", change_note: "", created_at: "2026-11-20T12:00:00Z" },
  });
  expect(await screen.findByText("Be fair.")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Save" })).not.toBeInTheDocument();
});

it("makes a copy under another name and goes there", async () => {
  const { posts, onCopied } = open();
  await userEvent.click(await screen.findByRole("button", { name: "Duplicate" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByLabelText(/^Name/)).toHaveValue("Which is best? (copy)");
  await userEvent.click(dialog.getByRole("button", { name: "Duplicate" }));
  await waitFor(() => expect(onCopied).toHaveBeenCalled());
  expect(posts().map(({ path, body }) => [path, body])).toEqual([
    [`${home}duplicate/`, { name: "Which is best? (copy)" }],
  ]);
});

it("publishes a guideline with what changed in it", async () => {
  const guideline = { id: 1, number: 1, markdown: "Be fair.", change_note: "", created_at: "2026-11-20T12:00:00Z" };
  const { posts } = open({ guideline });
  await userEvent.type(await screen.findByLabelText("Guideline text"), " Ties are welcome.");
  await userEvent.type(screen.getByLabelText("What changed"), "Ties.");
  await userEvent.click(screen.getByRole("button", { name: "Publish as new version" }));
  await waitFor(() => expect(posts()).toHaveLength(1));
  expect(posts()[0]?.body).toEqual({ markdown: "Be fair. Ties are welcome.", change_note: "Ties." });
});
