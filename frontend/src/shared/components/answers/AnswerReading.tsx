import { lazy, Suspense, type ComponentType } from "react";
import { addProjectWords } from "@/shared/i18n/i18n";
import { ComparisonReading } from "./ComparisonReading";
import { DemonstrationReading } from "./DemonstrationReading";
import { LabelsReading } from "./LabelsReading";
import { PromptReading } from "./PromptReading";
import { RankingReading } from "./RankingReading";
import type { ReadingProps } from "./reading";
import { ScoreReading } from "./ScoreReading";

/** Its words are few people's: they come with it. */
const ModerationReading = lazy(async () => {
  await addProjectWords();
  return { default: (await import("./ModerationReading")).ModerationReading };
});

/** A further kind of work is one more reading in this table. */
const READINGS: Record<string, ComponentType<ReadingProps>> = {
  demonstration: DemonstrationReading,
  prompt: PromptReading,
  ranking: RankingReading,
  comparison: ComparisonReading,
  score: ScoreReading,
  labels: LabelsReading,
  moderation_label: ModerationReading,
};

interface Props extends ReadingProps {
  kind: string;
}

/** An answer as its author saw it: the completions in the order shown, and what was decided about each. Read only. */
export function AnswerReading({ kind, ...rest }: Props) {
  const Reading = READINGS[kind];
  if (!Reading) return null;
  return (
    <Suspense>
      <Reading {...rest} />
    </Suspense>
  );
}
