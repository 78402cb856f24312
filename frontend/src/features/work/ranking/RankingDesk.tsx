import { Textarea, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Conversation } from "@/shared/components/Conversation";
import { useCommands } from "@/shared/hooks/commands";
import { rankingConfig } from "@/shared/api/protocolConfig";
import type { RankingPayload } from "@/shared/api/types";
import type { DeskProps } from "../ClaimScreen";
import { CompletionList } from "../reading/CompletionList";
import { Desk } from "../Desk";
import { inOrder, sameTiers, type Label } from "./ranking";
import { RankingBoard } from "./RankingBoard";
import { rankingCommands, type RankingContext } from "./rankingCommands";
import classes from "./RankingDesk.module.css";
import { RankingTools } from "./RankingTools";
import { UnchangedOrderDialog } from "./UnchangedOrderDialog";
import { useClaimWork } from "../useClaimWork";
import { useMoveMessage } from "./useMoveMessage";
import { useRanking } from "./useRanking";

export function RankingDesk({ claim, onEnd }: DeskProps) {
  const { t } = useTranslation();
  const ranking = useRanking(claim);
  const [rationale, setRationale] = useState(ranking.rationale);
  const [isReasonMissed, setReasonMissed] = useState(false);
  const [isWide, columns] = useDisclosure(true);
  const [asking, unchanged] = useDisclosure();
  const rationaleField = useRef<HTMLTextAreaElement>(null);
  const { allow_ties, require_rationale } = rankingConfig(claim.protocol.config);
  const labels = useMemo(() => claim.completions.map((completion) => completion.label), [claim.completions]);
  const { tiers, allBad } = ranking.board;
  const payload = useMemo<RankingPayload>(
    () => ({ tiers: tiers.map((tier) => [...tier]), all_bad: allBad, rationale }),
    [tiers, allBad, rationale],
  );
  const work = useClaimWork(claim, payload, onEnd, "ranking");
  const message = useMoveMessage(ranking.board, labels, ranking.selected);

  const select = (label: Label) => {
    ranking.select(label);
    document.getElementById(`completion-${label}`)?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  };
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
    focusRationale: () => rationaleField.current?.focus(),
    switchColumns: columns.toggle,
  };
  useCommands(allow_ties ? rankingCommands.all : rankingCommands.withoutTies, context);
  const needsReason = require_rationale && rationale.trim() === "";
  const submit = () => {
    setReasonMissed(needsReason);
    if (needsReason) return rationaleField.current?.focus();
    if (sameTiers(tiers, inOrder(labels)) && !allBad) unchanged.open();
    else work.submit();
  };

  return (
    <Desk claim={claim} work={work} canSubmit submit={submit}>
      <VisuallyHidden role="status" aria-live="polite">
        {message}
      </VisuallyHidden>
      <div className={classes.columns}>
        <div className={classes.reading}>
          <Conversation messages={claim.messages} />
          <CompletionList claim={claim} tiers={tiers} selected={ranking.selected} onSelect={select} isWide={isWide} />
        </div>
        <aside className={classes.side} aria-label={t("ranking.board")}>
          <RankingBoard
            labels={labels}
            completions={claim.completions}
            tiers={tiers}
            selected={ranking.selected}
            onSelect={select}
            onMove={ranking.move}
            allowTies={allow_ties}
          />
          <RankingTools context={context} allBad={allBad} allowTies={allow_ties} />
          <Textarea
            ref={rationaleField}
            label={t(require_rationale ? "ranking.rationale_required" : "ranking.rationale")}
            required={require_rationale}
            error={isReasonMissed && needsReason && t("ranking.rationale_missing")}
            placeholder={t("ranking.rationale_hint")}
            autosize
            minRows={2}
            maxRows={6}
            value={rationale}
            onChange={(event) => setRationale(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") event.currentTarget.blur();
            }}
          />
        </aside>
      </div>
      <UnchangedOrderDialog opened={asking} onClose={unchanged.close} onConfirm={work.submit} />
    </Desk>
  );
}
