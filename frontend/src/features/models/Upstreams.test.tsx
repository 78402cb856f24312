import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { Served } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { Upstreams } from "./Upstreams";

const row = (changes: Partial<Served>): Served => ({
  id: 7,
  name: "Guard",
  model: null,
  upstream_kind: "llama_guard",
  upstream_url: "https://guard.example/v1",
  upstream_model: "llama-guard-3-8b",
  upstream_key_variable: "UPSTREAM_KEY_GUARD",
  is_wanted: true,
  state: "ready",
  said: "",
  can_chat: false,
  changed_at: "2030-01-01T00:00:00Z",
  created_by: { id: 1, name: "Ada" },
  gateway_url: "http://localhost:8001/v1",
  ...changes,
});
const own = row({ id: 3, name: "sft-1", model: { id: 2, name: "sft-1" }, upstream_kind: null });

const upstreams = (rows: Served[], mayName = true, refusal?: object) => {
  const calls = fakeNetwork((call) => {
    if (call.method === "GET") return { body: { next: null, previous: null, results: rows } };
    if (refusal) return { status: 400, body: refusal };
    return call.method === "DELETE" ? { status: 204 } : { body: row({}) };
  });
  show(<Upstreams projectId={1} mayServe mayName={mayName} />);
  return () => calls.filter((call) => call.method !== "GET").map((call) => `${call.method} ${call.path}`);
};

it("lists servers elsewhere and none of the project's own models", async () => {
  upstreams([own, row({})], false);
  const guard = await screen.findByRole("article", { name: "Guard" });
  expect(guard).toHaveTextContent("Llama Guard");
  expect(guard).toHaveTextContent("https://guard.example/v1");
  expect(screen.queryByRole("article", { name: "sft-1" })).not.toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Add a server" })).not.toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Remove" })).not.toBeInTheDocument();
});

it("shows nothing to those who may name none where there is none", async () => {
  upstreams([own], false);
  await waitFor(() => expect(screen.queryByText("Servers elsewhere")).not.toBeInTheDocument());
});

it("stops one, has it asked again, and removes one after a question", async () => {
  const sent = upstreams([row({}), row({ id: 8, name: "Partner", upstream_kind: "chat", is_wanted: false })]);
  const guard = await screen.findByRole("article", { name: "Guard" });
  await userEvent.click(within(guard).getByRole("button", { name: "Stop" }));
  const partner = screen.getByRole("article", { name: "Partner" });
  expect(partner).toHaveTextContent("Stopped");
  await userEvent.click(within(partner).getByRole("button", { name: "Ask it again" }));
  await userEvent.click(within(guard).getByRole("button", { name: "Remove" }));
  await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Remove" }));
  await waitFor(() =>
    expect(sent()).toEqual([
      "POST /api/projects/1/served/7/stop/",
      "POST /api/projects/1/served/8/start/",
      "DELETE /api/projects/1/served/7/",
    ]),
  );
});

it("names one, and says at each field what is wrong with it", async () => {
  const errors = [
    { field: "url", message: "must be an http(s) address" },
    { field: "key_variable", message: "must be UPSTREAM_KEY or UPSTREAM_KEY_…" },
  ];
  const sent = upstreams([], true, { status: 400, code: "order_refused", detail: "It was refused.", errors });
  await userEvent.click(await screen.findByRole("button", { name: "Add a server" }));
  await userEvent.type(screen.getByRole("textbox", { name: /^Name/ }), "Guard");
  await userEvent.type(screen.getByRole("textbox", { name: /^Base URL/ }), "ftp://guard");
  await userEvent.type(screen.getByRole("textbox", { name: /^Model/ }), "llama-guard-3-8b");
  await userEvent.type(screen.getByRole("textbox", { name: /^Variable/ }), "SECRET_KEY");
  await userEvent.click(screen.getByRole("button", { name: "Add it" }));
  expect(await screen.findByText("must be an http(s) address")).toBeVisible();
  expect(screen.getByRole("textbox", { name: /^Variable/ })).toBeInvalid();
  expect(screen.getByRole("textbox", { name: /^Name/ })).toBeValid();
  expect(sent()).toEqual(["POST /api/projects/1/served/"]);
});

it("sends what was written, with what the server is asked for", async () => {
  const calls = fakeNetwork((call) =>
    call.method === "GET" ? { body: { next: null, previous: null, results: [] } } : { status: 201, body: row({}) },
  );
  show(<Upstreams projectId={1} mayServe mayName />);
  await userEvent.click(await screen.findByRole("button", { name: "Add a server" }));
  await userEvent.click(screen.getByRole("combobox", { name: "What it is asked for" }));
  await userEvent.click(await screen.findByRole("option", { name: "Llama Guard" }));
  await userEvent.type(screen.getByRole("textbox", { name: /^Name/ }), "Guard");
  await userEvent.type(screen.getByRole("textbox", { name: /^Base URL/ }), "https://guard.example/v1");
  await userEvent.type(screen.getByRole("textbox", { name: /^Model/ }), "llama-guard-3-8b");
  await userEvent.click(screen.getByRole("button", { name: "Add it" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Add it" })).not.toBeInTheDocument());
  expect(calls.find((call) => call.method === "POST")?.body).toEqual({
    name: "Guard",
    kind: "llama_guard",
    url: "https://guard.example/v1",
    model: "llama-guard-3-8b",
    key_variable: "",
  });
});
