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
