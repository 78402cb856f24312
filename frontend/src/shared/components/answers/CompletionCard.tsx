import type { ReactNode } from "react";
import { Markdown } from "../Markdown";
import { EmptyText } from "./EmptyText";
import classes from "./CompletionCard.module.css";
import { excerptOf } from "./excerpt";

interface Props {
  /** What the completion goes by on this page: "3", or "A"; nothing where it is the only one. */
  name?: string;
  label: string;
  text: string;
  /** Where it stands: its rank, or what was said of it. */
  note?: ReactNode;
  tools?: ReactNode;
  isSelected?: boolean;
  isFolded?: boolean;
  /** The text scrolls by itself, under a head that stays. */
  scrolls?: boolean;
  id?: string;
  className?: string;
  onSelect?: () => void;
  /** What belongs to it below its text. */
  children?: ReactNode;
}

/** One completion to read: its number, where it stands, and its text. */
export function CompletionCard({ name, label, text, note, tools, isFolded = false, ...rest }: Props) {
  const { isSelected, scrolls, id, className, onSelect, children } = rest;
  const isEmpty = text.trim() === "";
  return (
    <article
      id={id}
      className={`${classes.card} ${className ?? ""}`}
      data-selected={isSelected || undefined}
      data-folded={isFolded || undefined}
      aria-label={label}
      onClick={onSelect}
    >
      <header className={classes.head}>
        {name && <span className={classes.name}>{name}</span>}
        <span className={classes.note}>{note}</span>
        {isFolded && (
          <span className={classes.excerpt} dir="auto">
            {isEmpty ? <EmptyText /> : excerptOf(text)}
          </span>
        )}
        {tools}
      </header>
      {!isFolded && (
        <div
          className={classes.text}
          data-scrolls={scrolls || undefined}
          {...(scrolls ? { tabIndex: 0, role: "region", "aria-label": label } : {})}
        >
          {isEmpty ? <EmptyText /> : <Markdown text={text} keepLines />}
        </div>
      )}
      {!isFolded && children && <div className={classes.below}>{children}</div>}
    </article>
  );
}
