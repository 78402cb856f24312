import { expect, it } from "vitest";
import type { ChatTurn } from "@/shared/api/types";
import { eventsIn } from "./stream";
import { pathIn, pathUpTo, siblingsOf } from "./tree";

const turn = (id: number, parent: number | null) => ({ id, parent }) as ChatTurn;
// 1 → 2 → 3 (edited: 5 → 6), 2 tried again: 4.
const turns = [turn(1, null), turn(2, 1), turn(3, 2), turn(4, 1), turn(5, 2), turn(6, 5)];
const ids = (path: ChatTurn[]) => path.map(({ id }) => id);

it("follows the newest, or what was chosen", () => {
  expect(ids(pathIn(turns, {}))).toEqual([1, 4]);
  expect(ids(pathIn(turns, { 1: 2 }))).toEqual([1, 2, 5, 6]);
  expect(ids(pathIn(turns, { 1: 2, 2: 3 }))).toEqual([1, 2, 3]);
  expect(pathIn([], {})).toEqual([]);
});

it("goes on with the one of two that was chosen, waits for a choice, and lets a later answer come first", () => {
  const two = (state: string, continues: number | null, ...later: ChatTurn[]) => {
    const said = { id: 1, parent: null, choice: { left: 2, right: 3, state, continues } } as ChatTurn;
    return ids(pathIn([said, turn(2, 1), turn(3, 1), ...later], {}));
  };
  expect(two("open", null)).toEqual([1]);
  expect(two("writing", null)).toEqual([1]);
  expect(two("chosen", 2)).toEqual([1, 2]);
  expect(two("chosen", 2, turn(4, 2))).toEqual([1, 2, 4]);
  expect(two("chosen", 2, turn(4, 1))).toEqual([1, 4]);
  expect(two("dropped", null)).toEqual([1, 3]);
});

it("knows what stands beside a turn, and what before it", () => {
  expect(ids(siblingsOf(turns, turn(4, 1)))).toEqual([2, 4]);
  expect(ids(pathUpTo(pathIn(turns, { 1: 2 }), 2))).toEqual([1, 2]);
  expect(pathUpTo(turns, null)).toEqual([]);
});

it("reads events wherever the network cuts them", () => {
  const text = 'data: {"type": "piece", "text": "a\\n\\nb"}\n\ndata: {"type": "done", "turn": 3}\n\n';
  for (let cut = 0; cut <= text.length; cut++) {
    const [first, rest] = eventsIn(text.slice(0, cut));
    const [second, end] = eventsIn(rest + text.slice(cut));
    expect([...first, ...second].map(({ type }) => type)).toEqual(["piece", "done"]);
    expect(end).toBe("");
  }
});
