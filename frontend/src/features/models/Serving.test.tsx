import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { ModelDetail, Served } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { Serving } from "./Serving";

const model = { id: 2, name: "sft-1", stage: "sft", stale_at: null } as ModelDetail;

const row = (changes: Partial<Served>): Served => ({
  id: 5,
  name: "sft-1",
  model: { id: 2, name: "sft-1" },
  upstream_kind: null,
  upstream_url: "",
  upstream_model: "",
  upstream_key_variable: "",
  is_wanted: true,
  state: "ready",
  said: "",
  can_chat: true,
  changed_at: "2030-01-01T00:00:00Z",
  created_by: { id: 1, name: "Ada" },
  gateway_url: "http://localhost:8001/v1",
  ...changes,
});

const serving = (rows: Served[], mayServe = true, of = model) => {
  const calls = fakeNetwork((call) =>
    call.method === "GET"
      ? { body: { next: null, previous: null, results: rows } }
      : { body: row({ state: "starting" }) },
  );
  show(<Serving projectId={1} model={of} mayServe={mayServe} />);
  return calls;
};

it("serves a model at a click", async () => {
  const calls = serving([]);
  expect(await screen.findByText("It is not served.")).toBeVisible();
  await userEvent.click(await screen.findByRole("button", { name: "Serve it" }));
  await waitFor(() =>
    expect(calls.map((call) => `${call.method} ${call.path}`)).toContain("POST /api/projects/1/models/2/serve/"),
  );
});

it("says where a model is asked, and stops it", async () => {
  const calls = serving([row({ id: 4, model: { id: 9, name: "other" }, name: "other" }), row({})]);
  expect(await screen.findByDisplayValue("http://localhost:8001/v1")).toBeVisible();
  expect(screen.getByDisplayValue("sft-1")).toBeVisible();
  expect(screen.getByRole("status")).toHaveTextContent("Ready");
  await userEvent.click(screen.getByRole("button", { name: "Stop serving" }));
  await waitFor(() =>
    expect(calls.map((call) => `${call.method} ${call.path}`)).toContain("POST /api/projects/1/served/5/stop/"),
  );
});

it("says what went wrong, and what a model is not for", async () => {
  serving([row({ state: "failed", said: "Its files are gone from storage." })]);
  expect(await screen.findByText("Its files are gone from storage.")).toBeVisible();
});

it("shows no button to those who may not", async () => {
  serving([row({ can_chat: false })], false, { ...model, stage: "reward" });
  expect(await screen.findByText(/scores answers/)).toBeVisible();
  expect(screen.queryByRole("button", { name: "Stop serving" })).not.toBeInTheDocument();
});
