import { expect, it } from "vitest";
import { wordsOf } from "./wordsOf";

it.each([
  ["an ideal answer", { completion: "Light scatters." }, "Light scatters."],
  ["a ranking with its reason", { tiers: [["c1"], ["c2"]], all_bad: false, rationale: "Truer." }, "Truer."],
  ["a ranking without a word", { tiers: [["c1", "c2"]], all_bad: true, rationale: " " }, ""],
  [
    "a conversation, turn by turn",
    {
      turns: [
        { role: "assistant", content: "A" },
        { role: "user", content: "B" },
      ],
      completion: "C",
    },
    "A\n\nB\n\nC",
  ],
  ["an edit", { preferred: "c1", strength: 2, edit: { of: "c1", text: "Better." } }, "Better."],
])("finds what was written in %s", (_, payload, words) => expect(wordsOf(payload)).toBe(words));
