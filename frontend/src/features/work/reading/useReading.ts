import { useLocalStorage } from "@mantine/hooks";
import { useState } from "react";
import type { Label } from "../ranking/ranking";
import type { ReadingContext } from "./readingCommands";

/** How several texts stand before the reader: one below the other, side by side, one at a time, or two word by word. */
export const VIEWS = ["list", "columns", "focus", "compare"] as const;
export type View = (typeof VIEWS)[number];

const WIDE = "(min-width: 62em)";

export interface Readable {
  label: Label;
  /** What it goes by on this page: "3", or "A". */
  name: string;
  text: string;
}

/**
 * What the reader sees of the texts. The view is remembered in this browser for each kind of work; what is folded, only
 * while the page is open.
 */
export function useReading(
  kind: "ranking" | "comparison",
  items: readonly Readable[],
  selected: Label,
  select: (label: Label) => void,
) {
  const [stored, setView] = useLocalStorage<View>({
    key: `bennet.reading.view.${kind}`,
    defaultValue: window.matchMedia(WIDE).matches ? "columns" : "list",
    getInitialValueInEffect: false,
  });
  const [scrollsTogether, setTogether] = useLocalStorage({
    key: "bennet.reading.together",
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  const [folded, setFolded] = useState<ReadonlySet<Label>>(() => new Set());
  const [isPromptFolded, setPromptFolded] = useState(false);
  const [held, hold] = useState<Label | null>(null);
  const labels = items.map(({ label }) => label);
  const other = held !== null && held !== selected ? held : labels.find((label) => label !== selected);
  const context: ReadingContext = {
    view: VIEWS.includes(stored) ? stored : "list",
    labels,
    selected,
    other,
    select,
    setView,
    hold,
    toggleTogether: () => setTogether((on) => !on),
    toggleFold: (label) => setFolded((before) => without(before, label)),
    foldAll: () => setFolded((before) => new Set(before.size > 0 ? [] : labels)),
    togglePrompt: () => setPromptFolded((isFolded) => !isFolded),
  };
  return { items, context, folded, scrollsTogether, isPromptFolded };
}

export type Reading = ReturnType<typeof useReading>;

/** The set with the label taken out, or put in where it was not. */
function without(labels: ReadonlySet<Label>, label: Label): ReadonlySet<Label> {
  const next = new Set(labels);
  if (!next.delete(label)) next.add(label);
  return next;
}
