/** Ranking as pure moves on tiers. Tiers stand best first; completions in one tier are tied; none is ever empty. */
export type Label = string;
export type Tiers = readonly (readonly Label[])[];

export interface Board {
  tiers: Tiers;
  allBad: boolean;
}

export interface Ranking {
  past: readonly Board[];
  board: Board;
  future: readonly Board[];
}

export type Move =
  | { type: "raise" | "lower" | "tie"; label: Label }
  | { type: "place"; label: Label; rank: number }
  | { type: "join"; label: Label; with: Label }
  | { type: "insert"; label: Label; gap: number }
  | { type: "toggle_all_bad" }
  | { type: "undo" }
  | { type: "redo" };

export const startRanking = (board: Board): Ranking => ({ past: [], board, future: [] });
export const inOrder = (labels: readonly Label[]): Tiers => labels.map((label) => [label]);
export const flatten = (tiers: Tiers): readonly Label[] => tiers.flat();
export const tierOf = (tiers: Tiers, label: Label): number => tiers.findIndex((tier) => tier.includes(label));

export function sameTiers(one: Tiers, other: Tiers): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function reduceRanking(state: Ranking, move: Move): Ranking {
  if (move.type === "undo") return undo(state);
  if (move.type === "redo") return redo(state);
  const board = moveBoard(state.board, move);
  if (board.allBad === state.board.allBad && sameTiers(board.tiers, state.board.tiers)) return state;
  return { past: [...state.past, state.board], board, future: [] };
}

function undo(state: Ranking): Ranking {
  const board = state.past.at(-1);
  return board ? { past: state.past.slice(0, -1), board, future: [state.board, ...state.future] } : state;
}

function redo(state: Ranking): Ranking {
  const [board, ...future] = state.future;
  return board ? { past: [...state.past, state.board], board, future } : state;
}

function moveBoard(board: Board, move: Exclude<Move, { type: "undo" | "redo" }>): Board {
  if (move.type === "toggle_all_bad") return { ...board, allBad: !board.allBad };
  const at = tierOf(board.tiers, move.label);
  return at < 0 ? board : { ...board, tiers: moveTiers(board.tiers, move, at) };
}

type LabelMove = Extract<Move, { label: Label }>;

function moveTiers(tiers: Tiers, move: LabelMove, at: number): Tiers {
  switch (move.type) {
    case "raise":
      return step(tiers, move.label, at, -1);
    case "lower":
      return step(tiers, move.label, at, 1);
    case "tie":
      return at === 0 ? tiers : join(tiers, move.label, at - 1);
    case "join":
      return join(tiers, move.label, tierOf(tiers, move.with));
    case "insert":
      return insert(tiers, move.label, move.gap);
    case "place":
      return place(tiers, move.label, move.rank);
  }
}

/** A tied completion leaves its tie; one that stands alone passes its neighbour. */
function step(tiers: Tiers, label: Label, at: number, direction: 1 | -1): Tiers {
  const isTied = (tiers[at]?.length ?? 0) > 1;
  if (isTied) return insert(tiers, label, direction < 0 ? at : at + 1);
  const past = at + direction;
  return past < 0 || past >= tiers.length ? tiers : insert(tiers, label, direction < 0 ? past : past + 1);
}

/** Put the completion into the tier at `target`, as the last of the tie. */
function join(tiers: Tiers, label: Label, target: number): Tiers {
  if (target < 0 || tiers[target]?.includes(label)) return tiers;
  return tiers.map((tier, index) => (index === target ? [...tier, label] : without(tier, label))).filter(isFilled);
}

/** Give the completion a tier of its own in the gap before tier `gap`. */
function insert(tiers: Tiers, label: Label, gap: number): Tiers {
  const before = tiers.slice(0, gap).map((tier) => without(tier, label));
  const after = tiers.slice(gap).map((tier) => without(tier, label));
  return [...before, [label], ...after].filter(isFilled);
}

/** Give the completion a tier of its own so that it ends up at `rank` (1 = best), or last. */
function place(tiers: Tiers, label: Label, rank: number): Tiers {
  const rest = tiers.map((tier) => without(tier, label)).filter(isFilled);
  return insert(rest, label, Math.min(rank - 1, rest.length));
}

const without = (tier: readonly Label[], label: Label) => tier.filter((other) => other !== label);
const isFilled = (tier: readonly Label[]) => tier.length > 0;
