import { describe, expect, it } from "vitest";
import { wordDiff, type Piece } from "./wordDiff";

const shown = (pieces: Piece[]) => pieces.map(({ text, isOwn }) => (isOwn ? `[${text}]` : text)).join("");
const both = (one: string, two: string) => {
  const sides = wordDiff(one, two);
  return [shown(sides.one), shown(sides.two)];
};

describe("two texts word by word", () => {
  it.each([
    ["are alike", "the sky", "the sky", ["the sky", "the sky"]],
    ["differ in a word", "the sky is blue", "the sea is blue", ["the [sky] is blue", "the [sea] is blue"]],
    ["differ in neighbouring words", "a b c d", "a x y d", ["a [b c] d", "a [x y] d"]],
    ["differ in a line", "a\nb\n", "a\nb\nc\n", ["a\nb\n", "a\nb\n[c\n]"]],
    ["have no spaces", "我喜歡貓", "我喜歡狗", ["我喜歡[貓]", "我喜歡[狗]"]],
    ["are written from right to left", "שלום עולם", "שלום לכם", ["שלום [עולם]", "שלום [לכם]"]],
    ["have nothing in common", "a", "b", ["[a]", "[b]"]],
  ])("%s", (_, one, two, expected) => expect(both(one, two)).toEqual(expected));

  it("lose nothing, however long and unlike they are", () => {
    const one = Array.from({ length: 4000 }, (_, index) => `left${index}`).join(" ");
    const two = Array.from({ length: 4000 }, (_, index) => `right${index}`).join(" ");
    const sides = wordDiff(one, two);
    expect(sides.one.map(({ text }) => text).join("")).toBe(one);
    expect(sides.two.map(({ text }) => text).join("")).toBe(two);
  });
});
