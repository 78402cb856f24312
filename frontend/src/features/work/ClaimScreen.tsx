import { useQuery } from "@tanstack/react-query";
import type { ComponentType } from "react";
import { Loaded } from "@/shared/components/Loaded";
import type { Claim, ProtocolKind } from "@/shared/api/types";
import { claimOptions } from "./api";
import { ClaimEnded } from "./ClaimEnded";
import { ClaimSkeleton } from "./ClaimSkeleton";
import { DemonstrationDesk } from "./writing/DemonstrationDesk";
import { RankingDesk } from "./ranking/RankingDesk";
import type { HandedIn } from "./useHandIn";

export interface DeskProps {
  claim: Claim;
  onEnd: (end: HandedIn | null) => Promise<void>;
}

/** A further kind of work is one more desk in this table. */
const DESKS: Partial<Record<ProtocolKind, ComponentType<DeskProps>>> = {
  demonstration: DemonstrationDesk,
  ranking: RankingDesk,
};

interface Props {
  claimId: string;
  onEnd: (end: HandedIn | null) => Promise<void>;
}

export function ClaimScreen({ claimId, onEnd }: Props) {
  const query = useQuery(claimOptions(claimId));
  return (
    <Loaded query={query} loading={<ClaimSkeleton />}>
      {(claim) => {
        if (claim.state !== "open" && claim.state !== "expired") return <ClaimEnded state={claim.state} />;
        const Desk = DESKS[claim.kind];
        return Desk && <Desk key={claim.id} claim={claim} onEnd={onEnd} />;
      }}
    </Loaded>
  );
}
