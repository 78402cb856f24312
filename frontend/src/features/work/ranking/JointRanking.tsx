import { VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { OutputReading } from "@/shared/components/answers/RankingReading";
import { useCommands } from "@/shared/hooks/commands";
import type { RankingConfig } from "@/shared/api/protocolConfig";
import type { Claim, OutputFacts } from "@/shared/api/types";
import { Panes, type PanesState } from "../Panes";
import { Reason, type ReasonState } from "../Reason";
import { CompletionReader } from "../reading/CompletionReader";
import { PromptPanel } from "../reading/PromptPanel";
import { readingCommands } from "../reading/readingCommands";
import type { Reading } from "../reading/useReading";
import { tierOf, type Label } from "./ranking";
import { RankingBoard } from "./RankingBoard";
import { rankingCommands, type RankingContext } from "./rankingCommands";
import { RankingTools } from "./RankingTools";
import { useMoveMessage } from "./useMoveMessage";
import type { RankingState } from "./useRanking";

interface Props {
  claim: Claim;
  config: RankingConfig;
  ranking: RankingState;
  reading: Reading;
  factsOf: (label: Label) => OutputFacts | undefined;
  reason: ReasonState;
  panes: PanesState;
}

/** All completions together, best first. */
export function JointRanking({ claim, config, ranking, reading, factsOf, reason, panes }: Props) {
  const { t } = useTranslation();
  const { tiers, allBad } = ranking.board;
  const { labels, select } = reading.context;
  const message = useMoveMessage(ranking.board, labels, ranking.selected);
  const context: RankingContext = {
    labels,
    selected: ranking.selected,
    previous: ranking.previous,
    next: ranking.next,
    canUndo: ranking.past.length > 0,
    canRedo: ranking.future.length > 0,
    isFirst: tiers[0]?.includes(ranking.selected) ?? true,
    select,
    move: ranking.move,
  };
  useCommands(config.allow_ties ? rankingCommands.all : rankingCommands.withoutTies, context);
  useCommands(readingCommands.all, reading.context);
  const rankOf = (label: Label) => {
    const rank = tierOf(tiers, label);
    return t((tiers[rank]?.length ?? 0) > 1 ? "ranking.rank_tied" : "ranking.rank", { rank: rank + 1 });
  };
  const texts = (
    <>
      <PromptPanel
        messages={claim.messages}
        isFolded={reading.isPromptFolded}
        onToggle={reading.context.togglePrompt}
      />
      <CompletionReader
        reading={reading}
        nameOf={({ name }) => t("ranking.completion", { number: Number(name) })}
        noteOf={({ label }) => rankOf(label)}
        belowOf={({ label }) => {
          const facts = factsOf(label);
          return facts && <OutputReading facts={facts} scale={config.rating_scale} />;
        }}
      />
    </>
  );
  const board = (
    <>
      <RankingBoard
        labels={labels}
        completions={claim.completions}
        tiers={tiers}
        selected={ranking.selected}
        onSelect={select}
        onMove={ranking.move}
        allowTies={config.allow_ties}
      />
      <RankingTools context={context} allBad={allBad} allowTies={config.allow_ties} />
      <Reason reason={reason} reveal={panes.decide} />
    </>
  );
  return (
    <>
      <VisuallyHidden role="status" aria-live="polite">
        {message}
      </VisuallyHidden>
      <Panes state={panes} reading={texts} deciding={board} label={t("ranking.board")} />
    </>
  );
}
