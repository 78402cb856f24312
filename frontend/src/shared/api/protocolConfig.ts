type Config = Readonly<Record<string, unknown>>;

/** What a protocol asks of its answers, by kind. An unset rule is as the server has it by default. */
export interface DemonstrationConfig {
  instruction: string;
  maximum_characters: number;
  multi_turn: boolean;
  maximum_turns: number;
}
export interface PromptConfig {
  instruction: string;
  maximum_characters: number;
  styles: PromptStyle[];
  use_cases: string[];
  minimum_shots: number;
  maximum_shots: number;
}
export interface RankingConfig {
  instruction: string;
  allow_ties: boolean;
  require_rationale: boolean;
  prompt_flags: string[];
  use_cases: string[];
  /** How many steps the rating of each completion has; 0: none is asked for. */
  rating_scale: number;
  completion_flags: string[];
}
export interface ComparisonConfig {
  instruction: string;
  strength_levels: number;
  allow_ties: boolean;
  allow_edit: boolean;
  require_rationale: boolean;
  completion_flags: string[];
}
export interface ScoreConfig {
  instruction: string;
  scale: number;
  flags: string[];
  require_rationale: boolean;
}
export interface LabelsConfig {
  instruction: string;
  options: string[];
  multiple: boolean;
  require_rationale: boolean;
}

export interface ModerationConfig {
  instruction: string;
  categories: string[];
  severity: boolean;
  spans: boolean;
  blur: boolean;
  require_rationale: boolean;
}

export const PROMPT_STYLES = ["plain", "few_shot", "use_case"] as const;
export type PromptStyle = (typeof PROMPT_STYLES)[number];

const text = (config: Config, name: string) => (typeof config[name] === "string" ? config[name] : "");
const number = (config: Config, name: string, unset: number) =>
  typeof config[name] === "number" ? config[name] : unset;
const names = (config: Config, name: string): string[] => {
  const value = config[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
};

export const instructionOf = (config: Config): string => text(config, "instruction");

export const demonstrationConfig = (config: Config): DemonstrationConfig => ({
  instruction: instructionOf(config),
  maximum_characters: number(config, "maximum_characters", 20_000),
  multi_turn: config["multi_turn"] === true,
  maximum_turns: number(config, "maximum_turns", 20),
});

export function promptConfig(config: Config): PromptConfig {
  const styles = PROMPT_STYLES.filter((style) => names(config, "styles").includes(style));
  return {
    instruction: instructionOf(config),
    maximum_characters: number(config, "maximum_characters", 20_000),
    styles: styles.length > 0 ? styles : [...PROMPT_STYLES],
    use_cases: names(config, "use_cases"),
    minimum_shots: number(config, "minimum_shots", 1),
    maximum_shots: number(config, "maximum_shots", 10),
  };
}

export const rankingConfig = (config: Config): RankingConfig => ({
  instruction: instructionOf(config),
  allow_ties: config["allow_ties"] !== false,
  require_rationale: config["require_rationale"] === true,
  prompt_flags: names(config, "prompt_flags"),
  use_cases: names(config, "use_cases"),
  rating_scale: number(config, "rating_scale", 0),
  completion_flags: names(config, "completion_flags"),
});

export const comparisonConfig = (config: Config): ComparisonConfig => ({
  instruction: instructionOf(config),
  strength_levels: number(config, "strength_levels", 3),
  allow_ties: config["allow_ties"] !== false,
  allow_edit: config["allow_edit"] === true,
  require_rationale: config["require_rationale"] === true,
  completion_flags: names(config, "completion_flags"),
});

export const scoreConfig = (config: Config): ScoreConfig => ({
  instruction: instructionOf(config),
  scale: number(config, "scale", 7),
  flags: names(config, "flags"),
  require_rationale: config["require_rationale"] === true,
});

export const labelsConfig = (config: Config): LabelsConfig => ({
  instruction: instructionOf(config),
  options: names(config, "options"),
  multiple: config["multiple"] === true,
  require_rationale: config["require_rationale"] === true,
});

export const moderationConfig = (config: Config): ModerationConfig => ({
  instruction: instructionOf(config),
  categories: names(config, "categories"),
  severity: config["severity"] === true,
  spans: config["spans"] === true,
  blur: config["blur"] !== false,
  require_rationale: config["require_rationale"] === true,
});
