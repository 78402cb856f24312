import { describe, expect, it } from "vitest";
import { withMathMarks } from "./mathMarks";

describe("the marks of formulas", () => {
  it.each([
    ["inline brackets", String.raw`so \(a^2\) holds`, "so $$a^2$$ holds"],
    ["single dollars", "so $a^2$ holds", "so $$a^2$$ holds"],
    ["a block in brackets", "thus\n\\[\na = b\n\\]\nand", "thus\n$$\na = b\n$$\nand"],
    ["a block on one line", "thus\n\n$$a = b$$\n", "thus\n\n$$\na = b\n$$\n"],
    ["a block in a list", "1. first\n   \\[ a \\]", "1. first\n   $$\n   a\n   $$"],
    ["an escaped dollar inside", String.raw`$a\$b$`, String.raw`$$a\$b$$`],
    ["what has them already", "$$\na\n$$", "$$\na\n$$"],
  ])("are put on %s", (_, text, marked) => expect(withMathMarks(text)).toBe(marked));

  it.each([
    ["plain words", "no formula here"],
    ["two prices", "from $5 to $10"],
    ["a span of prices", "$5-$10"],
    ["two currencies", "US$5 and CA$6"],
    ["an escaped dollar", String.raw`\$a$`],
    ["a code span", "the shell's `$a$`"],
    ["a code span with two ticks", "``a ` $b$``"],
    ["a fenced block", "```sh\necho $a$ \\(b\\)\n```"],
    ["a fence that never ends", "~~~\n$a$"],
  ])("are not put on %s", (_, text) => expect(withMathMarks(text)).toBeNull());

  it("leave the code beside a formula alone", () =>
    expect(withMathMarks("`$a$` is $a$\n```\n$b$\n```\n$c$")).toBe("`$a$` is $$a$$\n```\n$b$\n```\n$$c$$"));
});
