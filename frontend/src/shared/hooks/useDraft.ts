import { useEffect, useState } from "react";
import { DraftKeeper, type DraftState, type DraftStore } from "./draftKeeper";

interface Draft {
  state: DraftState;
  flush: () => Promise<void>;
  close: () => void;
}

interface Start {
  state: DraftState;
  /** The first value was found on this machine only. */
  isUnsaved: boolean;
}

/** Keep a value saved while its page is open, and save at once when the page loses focus or goes away. */
export function useDraft<Value>(value: Value, store: DraftStore<Value>, start: Start): Draft {
  const [state, setState] = useState<DraftState>(start.state);
  const [keeper] = useState(() => new DraftKeeper(value, store, setState));
  useEffect(() => keeper.change(value), [keeper, value]);
  useEffect(() => {
    if (start.isUnsaved) keeper.take(value);
    // Only the first value can have been found here.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [keeper]);
  useEffect(() => {
    const leave = () => void keeper.flush(true);
    const hide = () => {
      if (document.visibilityState === "hidden") leave();
    };
    window.addEventListener("blur", leave);
    window.addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", hide);
    return () => {
      leave();
      window.removeEventListener("blur", leave);
      window.removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", hide);
    };
  }, [keeper]);
  useEffect(() => {
    if (state !== "unkept") return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [state]);
  return { state, flush: () => keeper.flush(), close: () => keeper.close() };
}
