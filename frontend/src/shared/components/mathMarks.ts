/** Fenced blocks and code spans: what looks like a formula in there is code. */
const CODE =
  /(?:^|(?<=\n))[ \t]*(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:\n[ \t]*\1[`~]*[ \t]*(?=\n|$)|$)|(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\2(?!`)/g;

/** \[ … \] or $$ … $$ that begin a line: a formula of its own. */
const BLOCK = /^([ \t]*)(?:\\\[([\s\S]+?)\\\]|\$\$([^\n$]+)\$\$)[ \t]*$/gm;
/** \( … \), and \[ … \] within a line. */
const INLINE = /\\\(([^\n]+?)\\\)|\\\[([^\n]+?)\\\]/g;
/** $ … $ as Pandoc reads it: tight on the inside and no digit behind, so that "$5 to $10" stays money. */
const DOLLARS = /(?<![\\$\w])\$(?![\s$])((?:[^$\n\\]|\\[^\n])*?)(?<![\s\\])\$(?![\d$])/g;

/** The text with every formula in it marked by $$, the one mark that the parser is asked to know; null without formulas. */
export function withMathMarks(text: string): string | null {
  if (!/\$|\\[([]/.test(text)) return null;
  let marked = "";
  let end = 0;
  for (const code of text.matchAll(CODE)) {
    marked += markFormulas(text.slice(end, code.index)) + code[0];
    end = code.index + code[0].length;
  }
  marked += markFormulas(text.slice(end));
  return marked.includes("$$") ? marked : null;
}

function markFormulas(text: string): string {
  return text
    .replace(BLOCK, (_, indent: string, bracketed?: string, dollars?: string) => {
      const lines = (bracketed ?? dollars ?? "").trim().split("\n");
      return ["$$", ...lines.map((line) => line.trim()), "$$"].map((line) => indent + line).join("\n");
    })
    .replace(INLINE, (_, round?: string, square?: string) => `$$${(round ?? square ?? "").trim()}$$`)
    .replace(DOLLARS, (_, tex: string) => `$$${tex}$$`);
}
