import { useEffect, type RefObject } from "react";

/** Tell an element, as its `--room`, how much of the window lies below its top while the page is not scrolled. */
export function useRoom(place: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const measure = () => {
      const top = element.getBoundingClientRect().top + window.scrollY;
      element.style.setProperty("--room", `${Math.max(0, window.innerHeight - top)}px`);
    };
    measure();
    // What stands above may fold, or arrive late: a formula, an instruction.
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    window.addEventListener("resize", measure);
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", measure);
    };
  }, [place]);
}
