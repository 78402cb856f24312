import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Claim } from "@/shared/api/types";
import { claimNext } from "./api";
import { isOpenElsewhere } from "./editingTab";
import { outbox } from "./outbox/theOutbox";

/** Kept out of hand-over: by the time it is on screen, its place in the queue may be somebody else's. */
const TOO_LATE_MILLISECONDS = 20_000;

const aheadOptions = (claim: Claim) =>
  queryOptions({
    queryKey: ["ahead", claim.id],
    queryFn: async () => asAhead(await claimNext(claim.protocol.id).catch(() => null), claim),
    staleTime: Infinity,
    retry: false,
    refetchOnWindowFocus: false,
    // One that is not shown in time goes back to the queue: then fetch another.
    refetchInterval: ({ state }) => (state.data ? within(1000, millisecondsLeft(state.data), 600_000) : false),
  });

/** The task after this one, fetched while this one is being done: the key that hands in shows it at once. */
export function useAhead(claim: Claim, isShown: boolean): Claim | null {
  const queries = useQueryClient();
  const { data } = useQuery({ ...aheadOptions(claim), enabled: isShown && !claim.is_reopened });
  useEffect(
    () =>
      outbox.onOutcome((outcome) => {
        if (!("stored" in outcome) || outcome.outgoing.claim === claim.id) return false;
        const { queryKey } = aheadOptions(claim);
        // The answer before this one said that this one is on screen: its reply brings the one after, if there is any.
        const isNext = outcome.outgoing.answer.showing === claim.id;
        if (isNext) queries.setQueryData(queryKey, asAhead(outcome.stored.next, claim));
        else void queries.invalidateQueries({ queryKey });
        return false;
      }),
    [claim, queries],
  );
  return data && millisecondsLeft(data) > TOO_LATE_MILLISECONDS && !isOpenElsewhere(data.id) ? data : null;
}

/** Whoever holds two claims already gets one of them back: that is nothing new to go on to. */
function asAhead(next: Claim | null, { id, protocol }: Claim): Claim | null {
  const isNew = next && next.id !== id && next.shown_at === null && !outbox.isWaiting(next.id);
  return isNew && next.protocol.id === protocol.id ? next : null;
}

const millisecondsLeft = (claim: Claim) => Date.parse(claim.expires_at) - Date.now();

const within = (least: number, value: number, most: number) => Math.min(Math.max(least, value), most);
