import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import { useCommands } from "@/shared/hooks/commands";
import { show } from "@/shared/testing/show";
import { CompletionReader } from "./CompletionReader";
import { readingCommands } from "./readingCommands";
import { useReading, type Readable } from "./useReading";

const ITEMS: Readable[] = ["The sky is blue.", "The sea is blue.", "It is painted."].map((text, index) => ({
  label: `c${index + 1}`,
  name: String(index + 1),
  text,
}));

function Reader() {
  const [selected, select] = useState("c1");
  const reading = useReading("ranking", ITEMS, selected, select);
  useCommands(readingCommands.all, reading.context);
  return <CompletionReader reading={reading} nameOf={({ name }) => `Text ${name}`} noteOf={() => "a note"} />;
}

async function open() {
  show(<Reader />);
  await screen.findByRole("radiogroup", { name: "How the texts stand" });
  return userEvent.setup();
}

const texts = () => screen.getAllByRole("article").map((article) => article.getAttribute("aria-label"));

beforeEach(() => localStorage.clear());

describe("reading several texts by keyboard", () => {
  it("shows all of them, in the order shown", async () => {
    await open();
    expect(texts()).toEqual(["Text 1", "Text 2", "Text 3"]);
  });

  it("shows one alone, and walks to the next and back", async () => {
    const user = await open();
    await user.keyboard("f");
    expect(texts()).toEqual(["Text 1"]);
    await user.keyboard("{ArrowRight}{ArrowRight}{ArrowRight}");
    expect(texts()).toEqual(["Text 3"]);
    await user.keyboard("{ArrowLeft}");
    expect(texts()).toEqual(["Text 2"]);
  });

  it("folds one, all, and unfolds them", async () => {
    const user = await open();
    await user.keyboard("e");
    expect(screen.getByRole("article", { name: "Text 1" })).toHaveAttribute("data-folded");
    expect(screen.getByRole("article", { name: "Text 2" })).not.toHaveAttribute("data-folded");
    await user.keyboard("{Shift>}e{/Shift}");
    expect(screen.getByRole("article", { name: "Text 1" })).not.toHaveAttribute("data-folded");
    await user.keyboard("{Shift>}e{/Shift}");
    screen.getAllByRole("article").forEach((article) => expect(article).toHaveAttribute("data-folded"));
  });

  it("compares any two word by word, keeps one of them, and swaps them", async () => {
    const user = await open();
    await user.keyboard("{ArrowRight}d");
    await waitFor(() => expect(texts()).toEqual(["Text 1", "Text 2"]));
    const marked = (name: string) =>
      [...screen.getByRole("article", { name }).querySelectorAll("mark")].map((mark) => mark.textContent);
    expect(marked("Text 1")).toEqual(["sky"]);
    expect(marked("Text 2")).toEqual(["sea"]);
    await user.keyboard("m{ArrowRight}");
    expect(texts()).toEqual(["Text 2", "Text 3"]);
    await user.keyboard("x");
    expect(texts()).toEqual(["Text 3", "Text 2"]);
  });

  it("remembers the way of reading", async () => {
    const user = await open();
    await user.keyboard("v");
    const views = screen.getByRole("radiogroup", { name: "How the texts stand" });
    expect(within(views).getByRole("radio", { name: "Columns" })).toBeChecked();
    expect(localStorage.getItem("bennet.reading.view.ranking")).toBe('"columns"');
  });
});

describe("texts beside each other", () => {
  /** Give a text a length and a window on it: jsdom lays nothing out. */
  function stretch(element: Element, length: number) {
    Object.defineProperty(element, "scrollHeight", { value: length + 100 });
    Object.defineProperty(element, "clientHeight", { value: 100 });
  }

  it("scroll together, each by the same share of its length, until told not to", async () => {
    const user = await open();
    await user.keyboard("v");
    const [one, two] = screen.getAllByRole("region");
    if (!one || !two) throw new Error("no columns");
    stretch(one, 1000);
    stretch(two, 400);
    one.scrollTop = 500;
    one.dispatchEvent(new Event("scroll"));
    expect(two.scrollTop).toBe(200);
    two.dispatchEvent(new Event("scroll"));
    expect(one.scrollTop).toBe(500);
    await user.keyboard("y");
    one.scrollTop = 1000;
    one.dispatchEvent(new Event("scroll"));
    expect(two.scrollTop).toBe(200);
  });

  it("shrink to a strip when folded, and open again by a click", async () => {
    const user = await open();
    await user.keyboard("ve");
    const strip = screen.getByRole("button", { name: /^Text 1/ });
    expect(strip).toHaveAttribute("aria-expanded", "false");
    await user.click(strip);
    expect(texts()).toEqual(["Text 1", "Text 2", "Text 3"]);
  });
});
