import { diffArrays } from "diff";

/** A stretch of one text: also in the other, or in this one only. */
export interface Piece {
  text: string;
  isOwn: boolean;
}

export interface Sides {
  one: Piece[];
  two: Piece[];
}

/** Two long texts with nothing in common would take seconds by words; then by lines. */
const LONGEST_MILLISECONDS = 250;

/** Compare two texts word by word, in any script: what is a word, the language of the text decides. */
export function wordDiff(one: string, two: string): Sides {
  const changes =
    diffArrays(words(one), words(two), { timeout: LONGEST_MILLISECONDS }) ??
    diffArrays(lines(one), lines(two), { timeout: LONGEST_MILLISECONDS });
  if (!changes) return { one: [{ text: one, isOwn: true }], two: [{ text: two, isOwn: true }] };
  const sides: Sides = { one: [], two: [] };
  changes.forEach(({ value, added, removed }, at) => {
    const text = value.join("");
    const isOwn = added || removed || isGap(text, changes[at - 1], changes[at + 1]);
    if (!added) append(sides.one, text, isOwn);
    if (!removed) append(sides.two, text, isOwn);
  });
  return sides;
}

type Changed = { added: boolean; removed: boolean } | undefined;

/** A lone space between two changed words belongs to the change. */
function isGap(text: string, before: Changed, after: Changed): boolean {
  const isChanged = (change: Changed) => change !== undefined && (change.added || change.removed);
  return /^ +$/.test(text) && isChanged(before) && isChanged(after);
}

function append(pieces: Piece[], text: string, isOwn: boolean): void {
  const last = pieces.at(-1);
  if (last?.isOwn === isOwn) last.text += text;
  else pieces.push({ text, isOwn });
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });
const words = (text: string) => Array.from(segmenter.segment(text), ({ segment }) => segment);
const lines = (text: string) => text.split(/(?<=\n)/);
