export interface Part {
  text: string;
  isShared: boolean;
}

/** A text cut where words stand that another has too. */
export function partsOf(text: string, shared: readonly string[]): Part[] {
  const known = new Set(shared);
  const parts: Part[] = [];
  for (const piece of text.split(/([\p{L}\p{N}_]+)/u)) {
    const isShared = known.has(piece.toLowerCase());
    const last = parts.at(-1);
    if (last && last.isShared === isShared) last.text += piece;
    else if (piece) parts.push({ text: piece, isShared });
  }
  return parts;
}

const BEFORE = 120;

/** The text from a little before the first shared word on, at a word's beginning: what is shared must be seen. */
export function fromFirstShared(text: string, shared: readonly string[]): string {
  let at = 0;
  for (const part of partsOf(text, shared)) {
    if (part.isShared) break;
    at += part.text.length;
  }
  if (at >= text.length || at <= BEFORE) return text;
  const start = text.indexOf(" ", at - BEFORE) + 1;
  return `… ${text.slice(Math.min(start, at))}`;
}
