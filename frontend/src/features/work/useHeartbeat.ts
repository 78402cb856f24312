import { useEffect, useState } from "react";
import { asProblem } from "@/shared/api/problem";
import type { Claim } from "@/shared/api/types";
import { beat, markShown, readClaim } from "./api";
import { outbox } from "./outbox/theOutbox";

export type Lease = "held" | "expired" | "lost" | "signed_out";

const RETRY_MILLISECONDS = 5000;

/**
 * Start the lease when the claim is shown, which the answer handed in before it may have said already; renew it three
 * times per lease while the page is open, and at once when the line is back. `isShown`: the server knows that this
 * claim is on screen.
 */
export function useHeartbeat(claim: Claim): { lease: Lease; isShown: boolean } {
  const [lease, setLease] = useState<Lease>(() => leaseOf(claim));
  const [isShown, setShown] = useState(claim.shown_at !== null);
  const { id, lease_seconds, shown_at } = claim;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    let isKnownShown = shown_at !== null;
    const next = (milliseconds: number) => {
      clearTimeout(timer);
      if (!isOver) timer = setTimeout(() => void renew(), milliseconds);
    };
    const refused = async (error: unknown) => {
      const { status } = asProblem(error);
      // A missed beat on a bad line says nothing; only the server's word ends a lease.
      if (status === 401) setLease("signed_out");
      if (status === 404) setLease("lost");
      if (status === 409) setLease(await readClaim(id).then(leaseOf, () => "held" as const));
      next(status === 404 || status === 409 ? (lease_seconds * 1000) / 3 : RETRY_MILLISECONDS);
    };
    const renew = async () => {
      try {
        await (isKnownShown ? beat(id) : markShown(id));
        isKnownShown = true;
        setShown(true);
        setLease("held");
        next((lease_seconds * 1000) / 3);
      } catch (error) {
        await refused(error);
      }
    };
    const renewNow = () => void renew();
    const announced = outbox.current().waiting.some(({ answer }) => answer.showing === id);
    if (isKnownShown) next((lease_seconds * 1000) / 3);
    else if (announced) next(RETRY_MILLISECONDS);
    else renewNow();
    const stopHearing = outbox.onOutcome((outcome) => {
      if (outcome.outgoing.answer.showing !== id) return false;
      isKnownShown = "stored" in outcome;
      setShown(isKnownShown);
      next(isKnownShown ? (lease_seconds * 1000) / 3 : 0);
      return false;
    });
    window.addEventListener("online", renewNow);
    return () => {
      isOver = true;
      clearTimeout(timer);
      stopHearing();
      window.removeEventListener("online", renewNow);
    };
  }, [id, lease_seconds, shown_at]);
  return { lease, isShown };
}

function leaseOf(claim: Claim): Lease {
  if (claim.state === "expired") return "expired";
  return claim.state === "open" ? "held" : "lost";
}
