import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { chooseKeys } from "@/shared/hooks/chosenKeys";
import { fakeNetwork, type Call } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import type { Claim } from "@/shared/api/types";
import { claimOf } from "../claim.fixture";
import { LabelsDesk } from "./LabelsDesk";

const OPTIONS = ["safe", "sensitive", "harmful"];
const stored = { answer: { id: 1, is_spare: false, submitted_at: "2030-01-01T00:00:00Z" }, next: null };
const onEnd = vi.fn(() => Promise.resolve());
let calls: Call[];
const submits = () => calls.filter((call) => call.path.endsWith("/submit/"));

afterEach(() => chooseKeys({}));
beforeEach(() => {
  calls = fakeNetwork((call) => ({
    body: call.path.endsWith("/submit/") ? stored : { saved_at: "2030-01-01T00:00:00Z" },
  }));
});

async function open(config: Record<string, unknown>, draft: Claim["draft"] = null) {
  const claim = claimOf({ kind: "labels" as Claim["kind"], completions: [], draft });
  show(<LabelsDesk claim={{ ...claim, protocol: { ...claim.protocol, config } }} onEnd={onEnd} />);
  await screen.findByText("Why is the sky blue?");
  return userEvent.setup();
}

it("takes one label where one is wanted: the last chosen", async () => {
  const user = await open({ options: OPTIONS });
  await user.keyboard("13{Enter}");
  await waitFor(() => expect(submits()[0]?.body).toMatchObject({ payload: { labels: ["harmful"], rationale: "" } }));
});

it("takes several, and lets one go by its digit", async () => {
  const user = await open({ options: OPTIONS, multiple: true });
  await user.keyboard("1231{Enter}");
  await waitFor(() => expect(submits()[0]?.body).toMatchObject({ payload: { labels: ["sensitive", "harmful"] } }));
});

it("reaches ten by the row of digits", async () => {
  const user = await open({ options: Array.from({ length: 11 }, (_, index) => `label_${index + 1}`) });
  await user.keyboard("0{Enter}");
  await waitFor(() => expect(submits()[0]?.body).toMatchObject({ payload: { labels: ["label_10"] } }));
});

it("counts by the keys that its reader has chosen", async () => {
  chooseKeys({ choose: ["Alt+1-9"] });
  const user = await open({ options: OPTIONS });
  await user.keyboard("3{Alt>}2{/Alt}{Enter}");
  await waitFor(() => expect(submits()[0]?.body).toMatchObject({ payload: { labels: ["sensitive"] } }));
});

it("says that a label is missing", async () => {
  const user = await open({ options: OPTIONS });
  await user.keyboard("{Enter}");
  expect((await screen.findByText("Still missing:")).parentElement).toHaveTextContent("Which label fits");
  expect(submits()).toHaveLength(0);
});

it("can be none of several", async () => {
  const user = await open({ options: OPTIONS, multiple: true });
  await user.keyboard("{Enter}");
  await waitFor(() => expect(submits()[0]?.body).toMatchObject({ payload: { labels: [] } }));
});

it("opens with its draft", async () => {
  await open({ options: OPTIONS, multiple: true }, { labels: ["harmful"], rationale: "" });
  expect(screen.getByRole("button", { name: "Harmful" })).toHaveAttribute("aria-pressed", "true");
});
