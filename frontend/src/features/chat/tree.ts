import type { ChatChoice, ChatTurn } from "@/shared/api/types";

/** Which of several turns under the same parent is looked at; where nothing is chosen, the newest. */
export type Chosen = Readonly<Record<number, number>>;

/** The key of what has no parent. */
export const ROOT = 0;
export const parentKey = (turn: Pick<ChatTurn, "parent">): number => turn.parent ?? ROOT;

export function siblingsOf(turns: readonly ChatTurn[], turn: ChatTurn): ChatTurn[] {
  return turns.filter((other) => other.parent === turn.parent);
}

/** The turns from the first to the last that are looked at. */
export function pathIn(turns: readonly ChatTurn[], chosen: Chosen): ChatTurn[] {
  const path: ChatTurn[] = [];
  let above = ROOT;
  for (;;) {
    const beside = turns.filter((turn) => parentKey(turn) === above);
    const choice = path.at(-1)?.choice;
    if (choice && isUndecided(choice)) return path;
    const next = beside.find((turn) => turn.id === chosen[above]) ?? goingOn(beside, choice);
    if (!next) return path;
    path.push(next);
    above = next.id;
  }
}

/** Whether two answers wait for their choice, or to be written. */
export const isUndecided = ({ state }: ChatChoice): boolean => state === "open" || state === "writing";

/** The newest; of two answers the one that was chosen, unless another came after both. */
function goingOn(beside: readonly ChatTurn[], choice: ChatChoice | null | undefined): ChatTurn | undefined {
  const newest = beside.at(-1);
  const isOfTwo = choice && (newest?.id === choice.left || newest?.id === choice.right);
  return (isOfTwo && beside.find((turn) => turn.id === choice.continues)) || newest;
}

/** The path up to this turn and with it; nothing for the beginning. */
export function pathUpTo(path: readonly ChatTurn[], id: number | null): ChatTurn[] {
  return path.slice(0, path.findIndex((turn) => turn.id === id) + 1);
}
