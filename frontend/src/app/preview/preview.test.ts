import { expect, it, vi } from "vitest";
import i18next from "i18next";
import { beat, claimNext, giveBack, saveDraft, submit } from "@/features/work/api";
import { fakeNetwork } from "@/shared/testing/network";
import { exampleClaim, type Example } from "./example";
import { leaveFocus } from "./leaveFocus";
import { rehearse } from "./rehearsal";

const example = (kind: Example["kind"], config: Example["config"] = {}): Example => ({
  kind,
  config,
  project: "Tutor",
  protocol: "P",
  guideline: null,
});
const claimOf = (kind: Example["kind"], config?: Example["config"]) =>
  exampleClaim(example(kind, config), "claim-1", i18next.t);

it.each([
  ["demonstration", {}, 0],
  ["prompt", {}, 0],
  ["score", {}, 1],
  ["comparison", {}, 2],
  ["labels", { subject: "prompt" }, 0],
  ["labels", { subject: "completion" }, 1],
  ["moderation_label", { subject: "completion" }, 1],
  ["ranking", {}, 3],
  ["ranking", { minimum_completions: 4, maximum_completions: 9 }, 4],
  ["ranking", { minimum_completions: 2, maximum_completions: 2 }, 2],
  ["ranking", { minimum_completions: 9, maximum_completions: 9 }, 9],
] satisfies [Example["kind"], Example["config"], number][])(
  "an example of %s with %j shows %i completions",
  (kind, config, count) => {
    const claim = claimOf(kind, config);
    expect(claim.completions.map(({ label }) => label)).toEqual(Array.from({ length: count }, (_, at) => `c${at + 1}`));
    expect(claim.completions.every(({ text }) => text !== "")).toBe(true);
  },
);

it("asks for a prompt with a brief in place of one", () => {
  const claim = claimOf("prompt", { styles: ["few_shot", "plain"], use_cases: ["chat"] });
  expect(claim.messages).toEqual([]);
  expect(claim.brief).toMatchObject({ style: "few_shot", use_case: "chat" });
});

it("answers all that a desk asks, and lets nothing through to the server", async () => {
  const calls = fakeNetwork(() => new Error("nobody is to be asked"));
  const claim = claimOf("demonstration");
  const payload = { completion: "Yes." };
  const end = rehearse((id) => (id === claim.id ? claim : undefined));
  expect(
    await submit(claim.id, { payload, seconds: 3, idempotency_key: "7a1f3f57-0d5e-4a34-9d38-6a5b1a2f7c11" }),
  ).toMatchObject({ next: null });
  expect(await saveDraft(claim.id, payload, { seconds: 3, step_seconds: {} }, false)).toHaveProperty("saved_at");
  expect(await beat(claim.id)).toHaveProperty("expires_at");
  await giveBack(claim.id);
  expect(await claimNext(1)).toBeNull();
  await giveBack("another");
  expect(calls).toEqual([]);
  end();
  await expect(beat(claim.id)).rejects.toThrow();
});

it("takes no focus from the page around it, and all of it once somebody is in the frame", () => {
  const field = document.body.appendChild(document.createElement("input"));
  const hasFocus = vi.spyOn(document, "hasFocus").mockReturnValue(false);
  const end = leaveFocus();
  field.focus();
  expect(document.activeElement).not.toBe(field);
  hasFocus.mockReturnValue(true);
  field.focus();
  expect(document.activeElement).toBe(field);
  field.blur();
  end();
  hasFocus.mockReturnValue(false);
  field.focus();
  expect(document.activeElement).toBe(field);
});
