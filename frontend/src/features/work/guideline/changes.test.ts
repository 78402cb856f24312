import { expect, it } from "vitest";
import { blocksOf, changesBetween } from "./changes";

const told = (before: string, now: string) =>
  changesBetween(before, now).map(({ kind, text }) => `${{ same: " ", added: "+", gone: "-" }[kind]}${text}`);

it("keeps what both have, and tells what came and went", () => {
  const before = "# Ranking\n\nTruth first.\n\nThen help.\n\nNever hurry.";
  const now = "# Ranking\n\nTruth first, always.\n\nThen help.\n\nTies are welcome.";
  expect(told(before, now)).toEqual([
    " # Ranking",
    "-Truth first.",
    "+Truth first, always.",
    " Then help.",
    "-Never hurry.",
    "+Ties are welcome.",
  ]);
});

it("compares lists item by item", () => {
  expect(told("- one\n- two", "- one\n- three\n- two")).toEqual([" - one", "+- three", " - two"]);
});

it("takes spaces at the end of a line for nothing", () =>
  expect(told("One  \n\n\nTwo", "One\n\nTwo")).toEqual([" One", " Two"]));

it.each([
  ["", "New.", ["+New."]],
  ["Old.", "", ["-Old."]],
  ["", "", []],
])("from %j to %j", (before, now, changes) => expect(told(before, now)).toEqual(changes));

it("keeps code between fences in one piece, empty lines and all", () => {
  expect(blocksOf("Say:\n\n```\n# a\n\n- b\n```\n\nDone.")).toEqual(["Say:", "```\n# a\n\n- b\n```", "Done."]);
});

it("puts the blocks of the new text together again, in order", () => {
  const before = "a\n\nb\n\nc\n\nd";
  const now = "b\n\nx\n\nd\n\na";
  const kept = changesBetween(before, now).filter(({ kind }) => kind !== "gone");
  expect(kept.map(({ text }) => text)).toEqual(blocksOf(now));
});
