import { useReducer, useState } from "react";
import { rankingConfig } from "@/shared/api/protocolConfig";
import type { Claim, RankingPayload } from "@/shared/api/types";
import { flatten, inOrder, reduceRanking, startRanking, type Board, type Label } from "./ranking";

/** The board of a claim: its draft if there is one, else the order shown, and which completion is selected. */
export function useRanking(claim: Claim, draft: Partial<RankingPayload>) {
  const [start] = useState(() => startOf(claim, draft));
  const [ranking, move] = useReducer(reduceRanking, start, startRanking);
  const [selected, select] = useState<Label>(() => claim.completions[0]?.label ?? "");
  const order = flatten(ranking.board.tiers);
  const at = order.indexOf(selected);
  return { ...ranking, move, selected, select, previous: order[at - 1], next: order[at + 1] };
}

export type RankingState = ReturnType<typeof useRanking>;

function startOf(claim: Claim, draft: Partial<RankingPayload>): Board {
  const shown = claim.completions.map((completion) => completion.label);
  const tiers = draft.tiers && isArrangementOf(shown, draft.tiers) ? draft.tiers : inOrder(shown);
  const allowed = rankingConfig(claim.protocol.config).allow_ties ? tiers : inOrder(flatten(tiers));
  return { tiers: allowed, allBad: draft.all_bad ?? false };
}

function isArrangementOf(labels: readonly Label[], tiers: readonly (readonly Label[])[]): boolean {
  return tiers.every((tier) => tier.length > 0) && tiers.flat().toSorted().join() === labels.toSorted().join();
}
