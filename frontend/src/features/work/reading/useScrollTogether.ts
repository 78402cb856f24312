import { useEffect, useRef } from "react";

/** How near, in pixels, a text must stand to where it was put for its scrolling to be ours and not the reader's. */
const NEAR = 1.5;

/** While on, the texts in the frame scroll as one: each by the same share of its length, so that their ends meet. */
export function useScrollTogether(isOn: boolean) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const texts = frame.current;
    if (!isOn || !texts) return;
    const placed = new WeakMap<Element, number>();
    const follow = ({ target: leader }: Event) => {
      if (!(leader instanceof Element) || !leader.matches("[data-scrolls]")) return;
      if (Math.abs((placed.get(leader) ?? -Infinity) - leader.scrollTop) < NEAR) return;
      placed.delete(leader);
      const share = leader.scrollTop / Math.max(1, leader.scrollHeight - leader.clientHeight);
      for (const other of texts.querySelectorAll("[data-scrolls]")) {
        if (other === leader) continue;
        other.scrollTop = share * (other.scrollHeight - other.clientHeight);
        placed.set(other, other.scrollTop);
      }
    };
    // Scrolling does not bubble, but it can be seen on its way down.
    texts.addEventListener("scroll", follow, { capture: true, passive: true });
    return () => texts.removeEventListener("scroll", follow, { capture: true });
  }, [isOn]);
  return frame;
}
