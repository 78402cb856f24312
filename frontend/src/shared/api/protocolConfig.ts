type Config = Readonly<Record<string, unknown>>;

/** What a protocol asks of its answers, by kind. An unset rule is as the server has it by default. */
export interface DemonstrationConfig {
  instruction: string;
  maximum_characters: number;
}
export interface RankingConfig {
  instruction: string;
  allow_ties: boolean;
  require_rationale: boolean;
}
export type ProtocolConfig = DemonstrationConfig | RankingConfig;

export const instructionOf = (config: Config): string =>
  typeof config["instruction"] === "string" ? config["instruction"] : "";

export const demonstrationConfig = (config: Config): DemonstrationConfig => ({
  instruction: instructionOf(config),
  maximum_characters: typeof config["maximum_characters"] === "number" ? config["maximum_characters"] : 20_000,
});

export const rankingConfig = (config: Config): RankingConfig => ({
  instruction: instructionOf(config),
  allow_ties: config["allow_ties"] !== false,
  require_rationale: config["require_rationale"] === true,
});
