import { describe, expect, it } from "vitest";
import { flatten, inOrder, reduceRanking, startRanking, tierOf, type Board, type Move, type Ranking } from "./ranking";

const board = (...tiers: string[][]): Board => ({ tiers, allBad: false });
const after = (start: Board, ...moves: Move[]) => moves.reduce(reduceRanking, startRanking(start)).board;

describe("a move", () => {
  const start = board(["a"], ["b"], ["c"]);

  it.each<[string, Move, string[][]]>([
    ["raises past the neighbour", { type: "raise", label: "c" }, [["a"], ["c"], ["b"]]],
    ["leaves the best where it is", { type: "raise", label: "a" }, [["a"], ["b"], ["c"]]],
    ["lowers past the neighbour", { type: "lower", label: "a" }, [["b"], ["a"], ["c"]]],
    ["leaves the worst where it is", { type: "lower", label: "c" }, [["a"], ["b"], ["c"]]],
    ["ties with the tier above", { type: "tie", label: "b" }, [["a", "b"], ["c"]]],
    ["has nothing above the best to tie with", { type: "tie", label: "a" }, [["a"], ["b"], ["c"]]],
    ["places at a rank", { type: "place", label: "c", rank: 1 }, [["c"], ["a"], ["b"]]],
    ["places last when the rank is beyond the end", { type: "place", label: "a", rank: 9 }, [["b"], ["c"], ["a"]]],
    ["joins by dropping on another", { type: "join", label: "a", with: "c" }, [["b"], ["c", "a"]]],
    ["is inserted by dropping in a gap", { type: "insert", label: "a", gap: 2 }, [["b"], ["a"], ["c"]]],
    ["does nothing to a stranger", { type: "raise", label: "x" }, [["a"], ["b"], ["c"]]],
  ])("%s", (_, move, tiers) => expect(after(start, move).tiers).toEqual(tiers));

  it("splits a tie upwards and downwards", () => {
    const tied = board(["a", "b", "c"]);
    expect(after(tied, { type: "raise", label: "c" }).tiers).toEqual([["c"], ["a", "b"]]);
    expect(after(tied, { type: "lower", label: "a" }).tiers).toEqual([["b", "c"], ["a"]]);
  });

  it("marks all as bad and takes it back", () => {
    expect(after(start, { type: "toggle_all_bad" }).allBad).toBe(true);
    expect(after(start, { type: "toggle_all_bad" }, { type: "toggle_all_bad" }).allBad).toBe(false);
  });
});

/** A small generator with a seed, so that a failure can be walked through again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomMove(labels: readonly string[], pick: (below: number) => number): Move {
  const label = labels[pick(labels.length)] ?? "";
  const moves: Move[] = [
    { type: "raise", label },
    { type: "lower", label },
    { type: "tie", label },
    { type: "place", label, rank: 1 + pick(labels.length) },
    { type: "join", label, with: labels[pick(labels.length)] ?? "" },
    { type: "insert", label, gap: pick(labels.length + 1) },
    { type: "toggle_all_bad" },
    { type: "undo" },
    { type: "redo" },
  ];
  return moves[pick(moves.length)] ?? { type: "undo" };
}

describe.each([2, 3, 5, 9])("any sequence of moves on %i completions", (count) => {
  const labels = Array.from({ length: count }, (_, index) => `c${index + 1}`);
  const start = startRanking({ tiers: inOrder(labels), allBad: false });

  function walk(seed: number, check: (before: Ranking, now: Ranking, move: Move) => void): Ranking {
    const pick = random(seed);
    let state = start;
    for (let step = 0; step < 60; step += 1) {
      const move = randomMove(labels, pick);
      const next = reduceRanking(state, move);
      check(state, next, move);
      state = next;
    }
    return state;
  }
  const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

  it("keeps every completion exactly once and no tier empty", () => {
    for (const seed of seeds) {
      walk(seed, (_, { board }) => {
        expect([...flatten(board.tiers)].sort()).toEqual([...labels].sort());
        expect(board.tiers.every((tier) => tier.length > 0)).toBe(true);
      });
    }
  });

  it("is undone by undo and done again by redo", () => {
    for (const seed of seeds) {
      walk(seed, (before, now, move) => {
        if (move.type === "undo" || move.type === "redo" || now === before) return;
        const undone = reduceRanking(now, { type: "undo" });
        expect(undone.board).toEqual(before.board);
        expect(reduceRanking(undone, { type: "redo" }).board).toEqual(now.board);
      });
    }
  });

  it("leads back to the start when all is undone", () => {
    for (const seed of seeds) {
      let state = walk(seed, () => undefined);
      while (state.past.length > 0) state = reduceRanking(state, { type: "undo" });
      expect(state.board).toEqual(start.board);
    }
  });

  it("places a completion where it was asked to be", () => {
    for (const seed of seeds) {
      const pick = random(seed);
      const { board } = walk(seed, () => undefined);
      const label = labels[pick(count)] ?? "";
      const others = board.tiers.filter((tier) => tier.some((one) => one !== label)).length;
      const rank = 1 + pick(count);
      expect(tierOf(after(board, { type: "place", label, rank }).tiers, label)).toBe(Math.min(rank - 1, others));
    }
  });
});
