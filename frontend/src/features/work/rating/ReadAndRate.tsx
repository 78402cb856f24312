import type { ReactNode } from "react";
import classes from "./ReadAndRate.module.css";

interface Props {
  reading: ReactNode;
  /** What is judged here. */
  label: string;
  children: ReactNode;
}

/** Texts to read, and beside them what is asked about them. */
export function ReadAndRate({ reading, label, children }: Props) {
  return (
    <div className={classes.columns}>
      <div className={classes.reading}>{reading}</div>
      <aside className={classes.side} aria-label={label}>
        {children}
      </aside>
    </div>
  );
}
