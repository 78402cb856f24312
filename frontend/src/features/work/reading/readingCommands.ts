import type { Command } from "@/shared/hooks/commands";
import type { Label } from "../ranking/ranking";
import { VIEWS, type View } from "./useReading";

export interface ReadingContext {
  view: View;
  /** In the order shown. */
  labels: readonly Label[];
  selected: Label;
  /** The one that the selected one is compared with. */
  other: Label | undefined;
  select: (label: Label) => void;
  setView: (view: View) => void;
  /** Keep this one as A, whatever is selected from now on. */
  hold: (label: Label) => void;
  toggleTogether: () => void;
  toggleFold: (label: Label) => void;
  foldAll: () => void;
  togglePrompt: () => void;
}

type ReadingCommand = Command<ReadingContext>;

const step = (reading: ReadingContext, by: 1 | -1) => {
  const label = reading.labels[reading.labels.indexOf(reading.selected) + by];
  if (label !== undefined) reading.select(label);
};

const nextView: ReadingCommand = {
  name: "next_view",
  group: "reading",
  keys: ["v"],
  run: (reading) => reading.setView(VIEWS[(VIEWS.indexOf(reading.view) + 1) % VIEWS.length] ?? "list"),
};
const focus: ReadingCommand = {
  name: "focus_view",
  group: "reading",
  keys: ["f"],
  run: (reading) => reading.setView(reading.view === "focus" ? "columns" : "focus"),
};
const compare: ReadingCommand = {
  name: "compare_view",
  group: "reading",
  keys: ["d"],
  run: (reading) => reading.setView(reading.view === "compare" ? "columns" : "compare"),
};
const hold: ReadingCommand = {
  name: "hold",
  group: "reading",
  keys: ["m"],
  run: (reading) => reading.hold(reading.selected),
};
const swap: ReadingCommand = {
  name: "swap",
  group: "reading",
  keys: ["x"],
  available: (reading) => reading.view === "compare" && reading.other !== undefined,
  run: (reading) => {
    const { selected, other } = reading;
    reading.hold(selected);
    if (other !== undefined) reading.select(other);
  },
};
const previousShown: ReadingCommand = {
  name: "previous_shown",
  group: "reading",
  keys: ["ArrowLeft"],
  run: (reading) => step(reading, -1),
};
const nextShown: ReadingCommand = {
  name: "next_shown",
  group: "reading",
  keys: ["ArrowRight"],
  run: (reading) => step(reading, 1),
};
const fold: ReadingCommand = {
  name: "fold",
  group: "reading",
  keys: ["e"],
  available: (reading) => reading.view === "list" || reading.view === "columns",
  run: (reading) => reading.toggleFold(reading.selected),
};
const foldAll: ReadingCommand = {
  name: "fold_all",
  group: "reading",
  keys: ["Shift+e"],
  available: fold.available,
  run: (reading) => reading.foldAll(),
};
const together: ReadingCommand = {
  name: "together",
  group: "reading",
  keys: ["y"],
  run: (reading) => reading.toggleTogether(),
};
const prompt: ReadingCommand = {
  name: "fold_prompt",
  group: "reading",
  keys: ["p"],
  run: (reading) => reading.togglePrompt(),
};

export const readingCommands = {
  previousShown,
  nextShown,
  hold,
  swap,
  foldAll,
  prompt,
  all: [nextView, focus, compare, hold, swap, previousShown, nextShown, fold, foldAll, together, prompt] as const,
};
