import type { PromptConfig, PromptStyle } from "@/shared/api/protocolConfig";
import type { Claim, PromptPayload, Shot } from "@/shared/api/types";
import { PROMPT_STYLES } from "@/shared/api/protocolConfig";

const EMPTY_SHOT: Shot = { query: "", completion: "" };

/** What a brief fixes beforehand. */
export function styleOfBrief(brief: Claim["brief"]): PromptStyle | undefined {
  return PROMPT_STYLES.find((style) => style === brief?.style);
}

/** What the desk begins with: the draft, else what the brief says, with as many empty examples as are needed. */
export function startOf(config: PromptConfig, brief: Claim["brief"], draft: Partial<PromptPayload>): PromptPayload {
  const style = styleOfBrief(brief) ?? draft.style ?? config.styles[0] ?? "plain";
  const shots = draft.shots?.length ? draft.shots : Array.from({ length: config.minimum_shots }, () => EMPTY_SHOT);
  return { style, text: draft.text ?? "", shots, use_case: draft.use_case ?? brief?.use_case ?? "" };
}

export const withShot = (shots: Shot[]): Shot[] => [...shots, EMPTY_SHOT];
export const withoutShot = (shots: Shot[], at: number): Shot[] => shots.filter((_, index) => index !== at);
export const withPart = (shots: Shot[], at: number, part: Partial<Shot>): Shot[] =>
  shots.map((shot, index) => (index === at ? { ...shot, ...part } : shot));

/** The answer as it is saved and handed in: only a few-shot prompt has examples. */
export const payloadOf = (written: PromptPayload): PromptPayload => ({
  ...written,
  shots: written.style === "few_shot" ? written.shots : [],
});

export type Obstacle = "text" | "shots" | "use_case";

const isBlank = (text: string) => text.trim() === "";

/** What keeps the prompt from being handed in. */
export function obstaclesOf({ style, text, shots, use_case }: PromptPayload): Obstacle[] {
  const isHalf = ({ query, completion }: Shot) => isBlank(query) || isBlank(completion);
  return [
    ...(style === "use_case" && isBlank(use_case) ? (["use_case"] as const) : []),
    ...(isBlank(text) ? (["text"] as const) : []),
    ...(style === "few_shot" && shots.some(isHalf) ? (["shots"] as const) : []),
  ];
}
