import type { Command } from "@/shared/hooks/commands";
import { digitOf } from "@/shared/hooks/keys";
import type { Label, Move } from "./ranking";

export interface RankingContext {
  /** In the order shown: to select by digit n takes the nth of them, wherever it is ranked. */
  labels: readonly Label[];
  selected: Label;
  /** The selected one's neighbours as ranked now. */
  previous: Label | undefined;
  next: Label | undefined;
  canUndo: boolean;
  canRedo: boolean;
  isFirst: boolean;
  select: (label: Label) => void;
  move: (move: Move) => void;
}

type RankingCommand = Command<RankingContext>;

const byDigit =
  (run: (board: RankingContext, digit: number) => void) => (board: RankingContext, event?: KeyboardEvent) => {
    if (event) run(board, digitOf(event));
  };

const raise: RankingCommand = {
  name: "raise",
  group: "ranking",
  keys: ["Shift+ArrowUp", "["],
  run: (board) => board.move({ type: "raise", label: board.selected }),
};
const lower: RankingCommand = {
  name: "lower",
  group: "ranking",
  keys: ["Shift+ArrowDown", "]"],
  run: (board) => board.move({ type: "lower", label: board.selected }),
};
const tie: RankingCommand = {
  name: "tie",
  group: "ranking",
  keys: ["="],
  available: (board) => !board.isFirst,
  run: (board) => board.move({ type: "tie", label: board.selected }),
};
const allBad: RankingCommand = {
  name: "all_bad",
  group: "ranking",
  keys: ["b"],
  run: (board) => board.move({ type: "toggle_all_bad" }),
};
const undo: RankingCommand = {
  name: "undo",
  group: "ranking",
  keys: ["u", "Mod+z"],
  available: (board) => board.canUndo,
  run: (board) => board.move({ type: "undo" }),
};
const redo: RankingCommand = {
  name: "redo",
  group: "ranking",
  keys: ["Shift+u", "Mod+Shift+z"],
  available: (board) => board.canRedo,
  run: (board) => board.move({ type: "redo" }),
};

const table: readonly RankingCommand[] = [
  {
    name: "select",
    group: "ranking",
    keys: ["Shift+1-9"],
    run: byDigit((board, digit) => {
      const label = board.labels[digit - 1];
      if (label) board.select(label);
    }),
  },
  {
    name: "place",
    group: "ranking",
    keys: ["1-9"],
    run: byDigit((board, rank) => board.move({ type: "place", label: board.selected, rank })),
  },
  {
    name: "select_previous",
    group: "ranking",
    keys: ["ArrowUp", "k"],
    run: (board) => board.previous && board.select(board.previous),
  },
  {
    name: "select_next",
    group: "ranking",
    keys: ["ArrowDown", "j"],
    run: (board) => board.next && board.select(board.next),
  },
  raise,
  lower,
  tie,
  allBad,
  undo,
  redo,
];

/** For protocols that want a strict order. */
const withoutTies = table.filter((command) => command !== tie);

export const rankingCommands = { raise, lower, tie, allBad, undo, redo, all: table, withoutTies };
