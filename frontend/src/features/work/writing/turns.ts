import type { DemonstrationPayload, Turn } from "@/shared/api/types";

/** What is written in a demonstration, in its order: an answer, and then, as often as wanted, a question and its answer. */
export type Texts = readonly string[];

const roleAt = (index: number): Turn["role"] => (index % 2 === 0 ? "assistant" : "user");

export function textsOf(draft: Partial<DemonstrationPayload>): Texts {
  return [...(draft.turns ?? []).map(({ content }) => content), draft.completion ?? ""];
}

export const messagesOf = (texts: Texts): Turn[] => texts.map((content, index) => ({ role: roleAt(index), content }));

/** The answer as it is saved and handed in. */
export function payloadOf(texts: Texts, isMultiTurn: boolean): DemonstrationPayload {
  const completion = texts.at(-1) ?? "";
  return isMultiTurn ? { completion, turns: messagesOf(texts.slice(0, -1)) } : { completion };
}

/** One more turn of each: what the person says next, and the answer to it. */
export const withExchange = (texts: Texts): Texts => [...texts, "", ""];

/** Without the last turn of each. */
export const withoutExchange = (texts: Texts): Texts => (texts.length > 2 ? texts.slice(0, -2) : texts);

export const withText = (texts: Texts, at: number, text: string): Texts =>
  texts.map((before, index) => (index === at ? text : before));
