import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { ProtocolView } from "./ProtocolView";

const home = "/api/projects/1/protocols/2/";

function open(kind: string, config: Record<string, unknown>) {
  let protocol = {
    id: 2,
    name: "P",
    kind,
    state: "active",
    required_answers: 1,
    lease_seconds: 1800,
    version: 1,
    config,
  };
  const calls = fakeNetwork(({ method, path, body }) => {
    if (path !== home) return { body: { results: [], next: null } };
    if (method === "PATCH") protocol = { ...protocol, ...(body as object), version: 2 };
    return { body: { ...protocol, guideline: null } };
  });
  show(<ProtocolView projectId={1} protocolId={2} />);
  return () => calls.filter((call) => call.method === "PATCH").map((call) => call.body);
}

const saveRules = () => userEvent.click(screen.getAllByRole("button", { name: "Save" })[0] as HTMLElement);

it("saves the rules of a ranking, alone, and shows the version they became", async () => {
  const changes = open("ranking", { instruction: "", allow_ties: true, require_rationale: false });
  expect(await screen.findByText(/^Version 1\./)).toBeVisible();
  await userEvent.type(screen.getByLabelText("Instruction"), "Facts first.");
  await userEvent.click(screen.getByLabelText("Allow ties"));
  await userEvent.click(screen.getByLabelText("Require a reason"));
  await saveRules();
  await waitFor(() =>
    expect(changes()).toEqual([
      { config: { instruction: "Facts first.", allow_ties: false, require_rationale: true } },
    ]),
  );
  expect(await screen.findByText(/^Version 2\./)).toBeVisible();
});

it("offers the length of a demonstration, and none of the rules of a ranking", async () => {
  const changes = open("demonstration", { instruction: "", maximum_characters: 20_000 });
  const most = await screen.findByLabelText(/^Most characters/);
  expect(screen.queryByLabelText("Allow ties")).not.toBeInTheDocument();
  await userEvent.clear(most);
  await userEvent.type(most, "500");
  await saveRules();
  await waitFor(() => expect(changes()).toEqual([{ config: { instruction: "", maximum_characters: 500 } }]));
});
