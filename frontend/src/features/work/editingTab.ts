import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { newKey } from "@/shared/api/sendOnce";
import { dropCopy, onCopies, readCopy, writeCopy } from "@/shared/hooks/localCopies";

/**
 * A claim is written in one tab at a time: the one that opened it last, or took it over. Its name stands in the
 * browser's storage, where every tab looks before it writes; the others follow what it writes.
 */
const TAB = newKey();
const TABS = "bennet.tab.";

const openIn = (claim: string) => readCopy(TABS + claim) as string | null;
const leave = (claim: string) => {
  if (openIn(claim) === TAB) dropCopy(TABS + claim);
};
const listeners = new Set<() => void>();

export function isOpenElsewhere(claim: string): boolean {
  const tab = openIn(claim);
  return tab !== null && tab !== TAB;
}

/** Write this claim here from now on. */
export function openHere(claim: string): void {
  writeCopy(TABS + claim, TAB);
  listeners.forEach((listener) => listener());
}

/** Hold the claim for this tab while it is mounted; false while another tab has it. */
export function useEditingTab(claim: string): boolean {
  // Before the first paint, or a tab that was here before would be followed for a moment.
  useState(() => writeCopy(TABS + claim, TAB));
  const subscribe = useCallback(
    (listener: () => void) => {
      listeners.add(listener);
      const stop = onCopies(TABS + claim, listener);
      return () => {
        listeners.delete(listener);
        stop();
      };
    },
    [claim],
  );
  const isHere = useSyncExternalStore(subscribe, () => !isOpenElsewhere(claim));
  useEffect(() => {
    // The other tab was closed or has gone on: this one has the claim again.
    if (isHere) openHere(claim);
  }, [claim, isHere]);
  useEffect(() => {
    const close = () => leave(claim);
    window.addEventListener("pagehide", close);
    return () => {
      window.removeEventListener("pagehide", close);
      close();
    };
  }, [claim]);
  return isHere;
}

/** A desk that only shows what another tab writes: it saves nothing, hands in nothing and heeds no key. */
export const Following = createContext(false);

export const useFollowing = () => useContext(Following);
