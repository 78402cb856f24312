import type { PromptConfig, PromptStyle } from "@/shared/api/protocolConfig";

/** What kind of prompt is wanted. */
export interface Brief {
  style: PromptStyle;
  text: string;
  use_case: string;
}

export const newBrief = (config: PromptConfig): Brief => ({
  style: config.styles[0] ?? "plain",
  text: "",
  use_case: "",
});

/** A brief within what a protocol allows: for one that was begun under another. */
export function fitted(brief: Brief, config: PromptConfig): Brief {
  const isListed = config.use_cases.length === 0 || config.use_cases.includes(brief.use_case);
  return {
    ...brief,
    style: config.styles.includes(brief.style) ? brief.style : newBrief(config).style,
    use_case: isListed ? brief.use_case : "",
  };
}
