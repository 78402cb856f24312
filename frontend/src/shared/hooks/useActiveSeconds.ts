import { useEffect, useRef } from "react";

const TICK_MILLISECONDS = 1000;
/** Reading needs no keys for a while; a longer silence means that nobody is there. */
const IDLE_AFTER_MILLISECONDS = 90_000;
const SIGNS_OF_LIFE = ["keydown", "pointermove", "pointerdown", "wheel", "touchstart"] as const;

/** Count seconds while this tab is in front and somebody is at it. Reading the count renders nothing. */
export function useActiveSeconds(initial: number): () => number {
  const seconds = useRef(initial);
  useEffect(() => {
    let last = Date.now();
    let seenAt = last;
    const seen = () => (seenAt = Date.now());
    const tick = () => {
      const now = Date.now();
      const awake = document.visibilityState === "visible" && now - seenAt < IDLE_AFTER_MILLISECONDS;
      // A suspended machine wakes with one long tick: count at most two.
      if (awake) seconds.current += Math.min(now - last, 2 * TICK_MILLISECONDS) / 1000;
      last = now;
    };
    const timer = setInterval(tick, TICK_MILLISECONDS);
    SIGNS_OF_LIFE.forEach((sign) => document.addEventListener(sign, seen, { passive: true }));
    return () => {
      tick();
      clearInterval(timer);
      SIGNS_OF_LIFE.forEach((sign) => document.removeEventListener(sign, seen));
    };
  }, []);
  return () => Math.round(seconds.current * 10) / 10;
}
