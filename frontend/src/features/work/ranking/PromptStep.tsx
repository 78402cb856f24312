import { Stack } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Conversation } from "@/shared/components/Conversation";
import { useCommands } from "@/shared/hooks/commands";
import type { RankingConfig } from "@/shared/api/protocolConfig";
import type { Claim } from "@/shared/api/types";
import { ChoiceList } from "../rating/ChoiceList";
import { FlagList } from "../rating/FlagList";
import { choiceCommands } from "../rating/ratingCommands";
import { ReadAndRate } from "../rating/ReadAndRate";
import type { RatingState } from "./useRatings";

interface Props {
  claim: Claim;
  config: RankingConfig;
  state: RatingState;
}

/** What is said of the prompt: what it is for, and what holds of it. */
export function PromptStep({ claim, config, state }: Props) {
  const { t } = useTranslation();
  const { use_cases: options, prompt_flags: flags } = config;
  const commands = useMemo(() => choiceCommands(flags.length), [flags.length]);
  useCommands(commands, { options, choose: state.chooseUseCase, flags, toggle: state.togglePromptFlag });
  return (
    <ReadAndRate reading={<Conversation messages={claim.messages} />} label={t("steps.prompt")}>
      <Stack gap="lg">
        {options.length > 0 && (
          <ChoiceList
            title={t("rating.use_case")}
            options={options}
            chosen={[state.ratings.useCase]}
            onChoose={state.chooseUseCase}
          />
        )}
        <FlagList
          title={t("rating.prompt_flags")}
          names={flags}
          values={state.ratings.promptFlags}
          onToggle={state.togglePromptFlag}
        />
      </Stack>
    </ReadAndRate>
  );
}
