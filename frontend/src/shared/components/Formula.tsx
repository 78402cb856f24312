import katex from "katex";
import "katex/dist/katex.min.css";
import { useLayoutEffect, useRef } from "react";
import type { Components } from "react-markdown";
import remarkMath from "remark-math";
import classes from "./Formula.module.css";

/** Formulas by strangers: no links or classes of theirs, and no sizes that would cover the page. */
const OPTIONS = { throwOnError: false, trust: false, strict: "ignore", maxSize: 25, maxExpand: 500 } as const;

export const mathPlugin = [remarkMath, { singleDollarTextMath: false }] as const;

function Formula({ tex, isDisplay = false }: { tex: string; isDisplay?: boolean }) {
  const place = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (place.current) katex.render(tex, place.current, { ...OPTIONS, displayMode: isDisplay });
  }, [tex, isDisplay]);
  return <span ref={place} dir="ltr" className={isDisplay ? classes.display : undefined} />;
}

/** The parser leaves formulas as code of the language "math". */
export const mathComponents: Components = {
  code: ({ className, children }) => {
    if (!className?.includes("language-math")) return <code className={className}>{children}</code>;
    const tex = typeof children === "string" ? children : "";
    return <Formula tex={tex} isDisplay={className.includes("math-display")} />;
  },
  pre: ({ node, children }) => {
    const [first] = node?.children ?? [];
    const names = first?.type === "element" ? first.properties["className"] : undefined;
    return Array.isArray(names) && names.includes("math-display") ? <>{children}</> : <pre dir="ltr">{children}</pre>;
  },
};
