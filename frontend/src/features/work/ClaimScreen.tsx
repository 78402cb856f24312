import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, type ComponentType } from "react";
import { Loaded } from "@/shared/components/Loaded";
import { addProjectWords } from "@/shared/i18n/i18n";
import type { Claim, ProtocolKind } from "@/shared/api/types";
import { claimOptions } from "./api";
import { ClaimElsewhere } from "./ClaimElsewhere";
import { ClaimEnded } from "./ClaimEnded";
import { ClaimSkeleton } from "./ClaimSkeleton";
import { ClaimQueued } from "./outbox/ClaimQueued";
import { useTurn } from "./useTurn";
import type { HandedIn } from "./useHandIn";

export interface DeskProps {
  claim: Claim;
  onEnd: (end: HandedIn | null) => Promise<void>;
}

const desk = (load: () => Promise<ComponentType<DeskProps>>) => lazy(async () => ({ default: await load() }));

/** A further kind of work is one more desk in this table; who does one kind need not load the others. */
const DESKS: Record<ProtocolKind, ComponentType<DeskProps>> = {
  demonstration: desk(async () => (await import("./writing/DemonstrationDesk")).DemonstrationDesk),
  prompt: desk(async () => (await import("./writing/PromptDesk")).PromptDesk),
  ranking: desk(async () => (await import("./ranking/RankingDesk")).RankingDesk),
  comparison: desk(async () => (await import("./comparison/ComparisonDesk")).ComparisonDesk),
  score: desk(async () => (await import("./score/ScoreDesk")).ScoreDesk),
  labels: desk(async () => (await import("./labels/LabelsDesk")).LabelsDesk),
  // Its words are few people's: they come with it.
  moderation_label: desk(async () => {
    await addProjectWords();
    return (await import("./moderation/ModerationDesk")).ModerationDesk;
  }),
};

interface Props {
  claimId: string;
  onEnd: (end: HandedIn | null) => Promise<void>;
}

export function ClaimScreen(props: Props) {
  return <OneClaim key={props.claimId} {...props} />;
}

function OneClaim({ claimId, onEnd }: Props) {
  const turn = useTurn(claimId);
  const query = useQuery(claimOptions(claimId));
  if (turn === "handed_in") return <ClaimQueued claimId={claimId} />;
  return (
    <Loaded query={query} loading={<ClaimSkeleton />}>
      {(claim) => {
        const { state } = claim;
        if (state !== "open" && state !== "expired") return <ClaimEnded claim={claim} state={state} />;
        const Desk = DESKS[claim.kind];
        const shown = (
          <Suspense fallback={<ClaimSkeleton />}>
            <Desk claim={claim} onEnd={onEnd} />
          </Suspense>
        );
        return turn === "here" ? shown : <ClaimElsewhere claimId={claim.id}>{shown}</ClaimElsewhere>;
      }}
    </Loaded>
  );
}
