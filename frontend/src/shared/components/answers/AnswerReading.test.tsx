import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { show } from "@/shared/testing/show";
import { AnswerReading } from "./AnswerReading";

const completions = [
  { label: "7", text: "Scattering." },
  { label: "4", text: "Because of the sea." },
  { label: "9", text: "It is painted." },
];

async function read(kind: string, payload: Record<string, unknown>, shown = completions, config = {}) {
  show(
    <main>
      <AnswerReading kind={kind} payload={payload} completions={shown} config={config} />
    </main>,
  );
  return screen.findByRole("main");
}

describe("an answer as its author saw it", () => {
  it("is a ranking in the order shown, each completion with its rank and what was said of it", async () => {
    const page = await read(
      "ranking",
      {
        tiers: [[4, 9], [7]],
        all_bad: true,
        rationale: "Guesswork.",
        use_case: "closed_qa",
        prompt_flags: { ambiguous: true, intent_unclear: false },
        outputs: { "4": { overall_quality: 6, hallucination: true, our_flag: false } },
      },
      completions,
      { rating_scale: 7 },
    );
    expect(screen.getByLabelText("Order, best first")).toHaveTextContent("2 = 3 > 1");
    expect(page).toHaveTextContent("All are bad");
    expect(page).toHaveTextContent("Guesswork.");
    expect(page).toHaveTextContent("Ambiguous");
    expect(page).not.toHaveTextContent("Intent unclear");
    const second = screen.getByRole("article", { name: "Completion 2" });
    expect(second).toHaveTextContent("Rank 1, tied");
    expect(second).toHaveTextContent("Overall quality: 6 of 7");
    expect(within(second).getByText("Hallucination")).toBeVisible();
    expect(screen.getByRole("article", { name: "Completion 1" })).toHaveTextContent("Rank 2");
  });

  it("is a comparison with its strength and its edit", async () => {
    const page = await read(
      "comparison",
      { preferred: 4, strength: 2, both_bad: false, rationale: "", edit: { of: 4, text: "Because of the air." } },
      completions.slice(0, 2),
      { strength_levels: 3 },
    );
    expect(page).toHaveTextContent("B is better, by 2 of 3");
    expect(page).toHaveTextContent("Edited: B");
    expect(page).toHaveTextContent("Because of the air.");
    expect(screen.getByRole("article", { name: "Answer B" })).toHaveAttribute("data-selected");
  });

  it("is a comparison that found no difference", async () => {
    const payload = { preferred: null, strength: 0, both_bad: true, rationale: "", edit: null };
    const page = await read("comparison", payload, completions.slice(0, 2));
    expect(page).toHaveTextContent("As good as each other");
    expect(page).toHaveTextContent("Both are bad");
  });

  it("is a demonstration, turn by turn", async () => {
    const turns = [
      { role: "assistant", content: "Light scatters." },
      { role: "user", content: "Why?" },
    ];
    await read("demonstration", { turns, completion: "Because." }, []);
    const said = screen.getAllByRole("article").map((turn) => turn.textContent);
    expect(said).toEqual(["AssistantLight scatters.", "PersonWhy?", "AssistantBecause."]);
  });

  it("is a prompt with its examples", async () => {
    const page = await read(
      "prompt",
      { style: "few_shot", text: "Give the capital.", shots: [{ query: "Norway", completion: "Oslo" }], use_case: "" },
      [],
    );
    expect(page).toHaveTextContent("With examples");
    expect(screen.getByRole("group", { name: "Example 1" })).toHaveTextContent("NorwayAssistantOslo");
  });

  it("is a score with its flags", async () => {
    const payload = { score: 5, flags: { factual_error: true, harmful: false }, rationale: "A date is wrong." };
    const page = await read("score", payload, completions.slice(0, 1), { scale: 7 });
    expect(page).toHaveTextContent("Score: 5 of 7");
    expect(page).toHaveTextContent("Factual error");
    expect(page).not.toHaveTextContent("Harmful");
    expect(page).toHaveTextContent("A date is wrong.");
  });

  it("is the labels that were chosen", async () => {
    const page = await read("labels", { labels: ["sensitive"], rationale: "" }, []);
    expect(page).toHaveTextContent("Sensitive");
  });

  it("is nothing for a kind that this page does not know", async () => {
    expect(await read("novelty", {})).toBeEmptyDOMElement();
  });
});
