export interface Block {
  kind: "same" | "added" | "gone";
  text: string;
}

/** What changed between two Markdown texts, paragraph by paragraph: the longest common sequence stays. */
export function changesBetween(before: string, now: string): Block[] {
  const [old, fresh] = [blocksOf(before), blocksOf(now)];
  const common = commonLengths(old, fresh);
  const changes: Block[] = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < fresh.length) {
    const [gone, added] = [old[row], fresh[column]];
    if (gone !== undefined && gone === added) {
      changes.push({ kind: "same", text: gone });
      row++;
      column++;
    } else if (
      gone !== undefined &&
      (added === undefined || at(common, row + 1, column) >= at(common, row, column + 1))
    ) {
      changes.push({ kind: "gone", text: gone });
      row++;
    } else if (added !== undefined) {
      changes.push({ kind: "added", text: added });
      column++;
    }
  }
  return changes;
}

/** Paragraphs, list items and headings; what stands between fences stays together. */
export function blocksOf(text: string): string[] {
  const blocks: string[] = [];
  let block: string[] = [];
  let isFenced = false;
  const close = () => {
    if (block.length > 0) blocks.push(block.join("\n"));
    block = [];
  };
  for (const line of text.split("\n").map((line) => line.trimEnd())) {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (!isFenced && (line === "" || /^(#|[-*+] |\d+[.)] )/.test(line))) close();
    if (line !== "" || isFenced) block.push(line);
    if (isFence) isFenced = !isFenced;
  }
  close();
  return blocks;
}

/** For each pair of places, how many blocks the rests from there have in common. */
function commonLengths(old: readonly string[], fresh: readonly string[]): Uint16Array[] {
  const rows = Array.from({ length: old.length + 1 }, () => new Uint16Array(fresh.length + 1));
  for (let row = old.length - 1; row >= 0; row--)
    for (let column = fresh.length - 1; column >= 0; column--)
      (rows[row] as Uint16Array)[column] =
        old[row] === fresh[column]
          ? at(rows, row + 1, column + 1) + 1
          : Math.max(at(rows, row + 1, column), at(rows, row, column + 1));
  return rows;
}

const at = (rows: readonly Uint16Array[], row: number, column: number): number => rows[row]?.[column] ?? 0;
