import { describe, expect, it } from "vitest";
import { payloadOf, textsOf, withExchange, withoutExchange, withText } from "./turns";

describe("the turns of a demonstration", () => {
  it("are one answer where the protocol wants no more", () =>
    expect(payloadOf(["Light scatters."], false)).toEqual({ completion: "Light scatters." }));

  it("alternate, the first answering the prompt and the last being the completion", () => {
    const texts = withText(withText(withExchange(["A"]), 1, "B"), 2, "C");
    expect(payloadOf(texts, true)).toEqual({
      turns: [
        { role: "assistant", content: "A" },
        { role: "user", content: "B" },
      ],
      completion: "C",
    });
  });

  it("come back from a draft as they were", () =>
    expect(textsOf(payloadOf(["A", "B", "C"], true))).toEqual(["A", "B", "C"]));

  it("begin with one empty answer", () => expect(textsOf({})).toEqual([""]));

  it("are taken away in pairs, and never the last answer", () => {
    expect(withoutExchange(["A", "B", "C"])).toEqual(["A"]);
    expect(withoutExchange(["A"])).toEqual(["A"]);
  });
});
