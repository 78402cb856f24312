import type { ComponentType } from "react";
import { ComparisonReading } from "./ComparisonReading";
import { DemonstrationReading } from "./DemonstrationReading";
import { LabelsReading } from "./LabelsReading";
import { PromptReading } from "./PromptReading";
import { RankingReading } from "./RankingReading";
import type { ReadingProps } from "./reading";
import { ScoreReading } from "./ScoreReading";

/** A further kind of work is one more reading in this table. */
const READINGS: Record<string, ComponentType<ReadingProps>> = {
  demonstration: DemonstrationReading,
  prompt: PromptReading,
  ranking: RankingReading,
  comparison: ComparisonReading,
  score: ScoreReading,
  labels: LabelsReading,
};

interface Props extends ReadingProps {
  kind: string;
}

/** An answer as its author saw it: the completions in the order shown, and what was decided about each. Read only. */
export function AnswerReading({ kind, ...rest }: Props) {
  const Reading = READINGS[kind];
  return Reading ? <Reading {...rest} /> : null;
}
