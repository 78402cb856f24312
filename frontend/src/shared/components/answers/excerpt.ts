const EXCERPT_LENGTH = 120;

/** The opening words, without the signs of Markdown. */
export function excerptOf(text: string): string {
  return text
    .slice(0, EXCERPT_LENGTH)
    .replace(/[>#*_`~|[\]]+/g, "")
    .trim();
}
