import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { claimOptions, readClaim } from "./api";
import { useEditingTab } from "./editingTab";
import { outbox, useOutbox } from "./outbox/theOutbox";

/**
 * Whose turn it is with a claim. `elsewhere`: another tab has it, or had it until the server is asked what became of it
 * there. `handed_in`: before this page was opened, or in the other tab; it can no longer be written.
 */
export function useTurn(claimId: string): "here" | "elsewhere" | "handed_in" {
  const queries = useQueryClient();
  const isHere = useEditingTab(claimId);
  const isOnItsWay = useOutbox().waiting.some(({ claim }) => claim === claimId);
  const [isBehind, setBehind] = useState(false);
  const [isHandedIn, setHandedIn] = useState(() => outbox.isWaiting(claimId));
  if (!isHere && !isBehind) setBehind(true);
  if (isBehind && isOnItsWay && !isHandedIn) setHandedIn(true);
  useEffect(() => {
    if (!isHere || !isBehind) return;
    // Without a line what this machine keeps is the newest there is.
    void readClaim(claimId)
      .then(
        (claim) => queries.setQueryData(claimOptions(claimId).queryKey, claim),
        () => undefined,
      )
      .then(() => setBehind(false));
  }, [claimId, isHere, isBehind, queries]);
  if (isHandedIn) return "handed_in";
  return isBehind ? "elsewhere" : "here";
}
