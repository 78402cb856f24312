import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { FreezeForm } from "./FreezeForm";

const home = "/api/projects/1";
const none = { train: 0, validation: 0, test: 0 };
const plots = {
  of: 3,
  lengths: [
    { from: 0, count: 1 },
    { from: 100, count: 2 },
  ],
  k: { "4": 3 },
  ties: { none: 1, some: 2, all: 0 },
  languages: { en: 3 },
  annotators: [{ annotator: "swift-heron", count: 3 }],
  annotators_in_all: 1,
  agreement: [],
};

function open(refused?: string) {
  const calls = fakeNetwork(({ method, path, body }) => {
    if (path === `${home}/releases/preview/`) {
      const asked = (body as { selection: { tags?: string[] } }).selection;
      if (refused)
        return {
          status: 400,
          body: {
            code: "invalid",
            detail: "",
            errors: [{ code: "invalid", field: "date_from", message: refused }],
          },
        };
      const rankings = { ...none, train: asked.tags ? 1 : 3 };
      return { body: { share: 1, counts: { demonstrations: none, rankings }, left_out: { spare: 2 }, plots } };
    }
    if (method === "POST") return { status: 202, body: { id: 9, name: "May" } };
    return { body: { results: [], next: null } };
  });
  show(<FreezeForm projectId={1} onFrozen={() => undefined} />);
  return calls;
}

it("counts and draws anew what is chosen, before anything is frozen", async () => {
  const calls = open();
  const user = userEvent.setup();
  const table = await screen.findByRole("table", { name: "Records by split" });
  expect(within(table).getByText("3")).toBeVisible();
  expect(screen.getByRole("table", { name: "Ties" })).toHaveTextContent("Some tied2");
  expect(screen.getByRole("table", { name: "Characters of completions" })).toHaveTextContent("0 – 1001100 –2");
  expect(screen.getByText("Left out: spare 2")).toBeVisible();
  await user.type(screen.getByLabelText("Prompt tags", { selector: "input" }), "legal{Enter}");
  await waitFor(() => expect(within(table).getByText("1")).toBeVisible());
  await user.type(screen.getByRole("textbox", { name: "Name" }), "May");
  await user.click(screen.getByRole("button", { name: "Freeze" }));
  await waitFor(() => expect(calls.at(-1)?.path).toBe(`${home}/releases/`));
  const frozen = calls.filter((call) => call.path === `${home}/releases/` && call.method === "POST");
  expect(frozen.map((call) => call.body)).toEqual([{ name: "May", selection: { tags: ["legal"] } }]);
});

it("says at the field what cannot be asked for", async () => {
  open("lies after date_to: swap the two days");
  expect(await screen.findAllByText("lies after date_to: swap the two days")).not.toHaveLength(0);
});
