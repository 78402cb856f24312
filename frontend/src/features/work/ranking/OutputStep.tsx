import { Stack } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { CompletionCard } from "@/shared/components/answers/CompletionCard";
import { useCommands } from "@/shared/hooks/commands";
import type { RankingConfig } from "@/shared/api/protocolConfig";
import type { Claim, Flags } from "@/shared/api/types";
import { FlagList } from "../rating/FlagList";
import { ratingCommands } from "../rating/ratingCommands";
import { RatingScale } from "../rating/RatingScale";
import { ReadAndRate } from "../rating/ReadAndRate";
import { PromptPanel } from "../reading/PromptPanel";
import { QUALITY } from "./rankingSteps";
import type { RatingState } from "./useRatings";

interface Props {
  claim: Claim;
  label: string;
  config: RankingConfig;
  state: RatingState;
  isPromptFolded: boolean;
  onTogglePrompt: () => void;
}

/** One completion by itself: how good it is, and what holds of it. */
export function OutputStep({ claim, label, config, state, isPromptFolded, onTogglePrompt }: Props) {
  const { t } = useTranslation();
  const at = claim.completions.findIndex((completion) => completion.label === label);
  const { rating_scale: scale, completion_flags: flags } = config;
  const { [QUALITY]: quality, ...raised } = state.ratings.outputs[label] ?? {};
  const rate = (value: number) => state.rate(label, value);
  const toggle = (name: string) => state.toggleFlag(label, name);
  const commands = useMemo(() => ratingCommands(flags.length), [flags.length]);
  useCommands(commands, { scale, rate, flags, toggle });
  const name = t("ranking.completion", { number: at + 1 });
  const reading = (
    <>
      <PromptPanel messages={claim.messages} isFolded={isPromptFolded} onToggle={onTogglePrompt} />
      <CompletionCard
        name={String(at + 1)}
        label={name}
        text={claim.completions[at]?.text ?? ""}
        note={t("steps.of", { number: at + 1, count: claim.completions.length })}
      />
    </>
  );
  return (
    <ReadAndRate reading={reading} label={name}>
      <Stack gap="lg">
        {scale > 0 && (
          <RatingScale
            title={t("rating.overall_quality")}
            scale={scale}
            value={typeof quality === "number" ? quality : undefined}
            onRate={rate}
          />
        )}
        <FlagList title={t("rating.completion_flags")} names={flags} values={raised as Flags} onToggle={toggle} />
      </Stack>
    </ReadAndRate>
  );
}
