import { useEffect, useState } from "react";
import { asProblem } from "@/shared/api/problem";
import type { Claim } from "@/shared/api/types";
import { beat, markShown, readClaim } from "./api";

export type Lease = "held" | "expired" | "lost";

/** Start the lease when the claim is shown and renew it three times per lease while the page is open. */
export function useHeartbeat(claim: Claim): Lease {
  const [lease, setLease] = useState<Lease>(() => leaseOf(claim));
  const { id, lease_seconds, shown_at } = claim;
  useEffect(() => {
    const refused = (error: unknown) => {
      // A missed beat on a bad line says nothing; only the server's word ends a lease.
      if (asProblem(error).status === 404) setLease("lost");
      if (asProblem(error).status === 409)
        void readClaim(id).then(
          (now) => setLease(leaseOf(now)),
          () => undefined,
        );
    };
    if (!shown_at) markShown(id).catch(refused);
    const renew = () => void beat(id).then(() => setLease("held"), refused);
    const timer = setInterval(renew, (lease_seconds * 1000) / 3);
    return () => clearInterval(timer);
  }, [id, lease_seconds, shown_at]);
  return lease;
}

function leaseOf(claim: Claim): Lease {
  if (claim.state === "expired") return "expired";
  return claim.state === "open" ? "held" : "lost";
}
