import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { Preset } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { PresetForm } from "./PresetForm";

const preset = (change: Partial<Preset>): Preset => ({
  key: "new_here",
  kind: "labels",
  name: "Something new",
  description: "A preset that this page has never heard of.",
  guideline: "",
  config: {},
  columns: {},
  follow_up: "",
  ...change,
});
const presets = [
  preset({ key: "demo_write", kind: "demonstration", name: "x", follow_up: "demo_score" }),
  preset({ key: "demo_score", kind: "score", name: "y" }),
  preset({}),
];

it("makes a protocol from the chosen preset, under its name or another", async () => {
  const made = { id: 9 };
  const onCreated = vi.fn();
  const calls = fakeNetwork(({ method }) => (method === "POST" ? { status: 201, body: made } : { body: presets }));
  show(<PresetForm projectId={1} onCreated={onCreated} />);
  expect(await screen.findByText("Goes on to: Score demonstrations")).toBeVisible();
  const name = screen.getByLabelText(/^Name/);
  expect(name).toHaveValue("Write demonstrations");
  await userEvent.click(screen.getByRole("radio", { name: /^Something new/ }));
  expect(name).toHaveValue("Something new");
  await userEvent.type(name, " for us");
  await userEvent.click(screen.getByRole("button", { name: "Create" }));
  await waitFor(() => expect(onCreated).toHaveBeenCalledWith(made));
  const posted = calls.filter((call) => call.method === "POST").map((call) => call.body);
  expect(posted).toEqual([{ preset: "new_here", name: "Something new for us" }]);
});
