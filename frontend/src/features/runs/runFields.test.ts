import { expect, it } from "vitest";
import { hasDial, shownFields, type Field } from "./runFields";

const fields = ["depth", "rounds", "weight_decay"].map((name) => ({ name })) as Field[];

it("shows the dial of pre-training first, and every setting on request", () => {
  expect(shownFields("pretrain", fields, false).map((field) => field.name)).toEqual(["depth", "rounds"]);
  expect(shownFields("pretrain", fields, true)).toEqual(fields);
  expect(hasDial("pretrain")).toBe(true);
});

it("shows every setting of the stages that have no dial", () => {
  expect(shownFields("sft", fields, false)).toEqual(fields);
  expect(hasDial("reward")).toBe(false);
});
