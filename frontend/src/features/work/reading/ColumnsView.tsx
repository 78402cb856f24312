import { VisuallyHidden } from "@mantine/core";
import { CompletionCard } from "@/shared/components/answers/CompletionCard";
import classes from "./CompletionReader.module.css";
import type { ViewProps } from "./CompletionReader";
import { FoldButton } from "./FoldButton";
import type { Readable } from "./useReading";
import { useRoom } from "./useRoom";
import { useScrollTogether } from "./useScrollTogether";

/** Side by side, each scrolling by itself or all as one; a folded one is a strip, so that those that matter stand together. */
export function ColumnsView({ reading, nameOf, noteOf, belowOf, marked }: ViewProps) {
  const { context, folded, items, scrollsTogether } = reading;
  const frame = useScrollTogether(scrollsTogether);
  useRoom(frame);
  const strip = (item: Readable) => (
    <button
      key={item.label}
      type="button"
      id={`completion-${item.label}`}
      className={classes.strip}
      data-selected={item.label === marked || undefined}
      aria-expanded={false}
      onClick={() => {
        context.select(item.label);
        context.toggleFold(item.label);
      }}
    >
      <b>
        <VisuallyHidden>{nameOf(item)} </VisuallyHidden>
        <span aria-hidden>{item.name}</span>
      </b>
      <span>{noteOf(item)}</span>
    </button>
  );
  return (
    <div className={classes.columns} ref={frame}>
      {items.map((item) =>
        folded.has(item.label) ? (
          strip(item)
        ) : (
          <CompletionCard
            key={item.label}
            id={`completion-${item.label}`}
            className={classes.column}
            name={item.name}
            label={nameOf(item)}
            text={item.text}
            note={noteOf(item)}
            scrolls
            isSelected={item.label === marked}
            onSelect={() => context.select(item.label)}
            tools={<FoldButton isFolded={false} onToggle={() => context.toggleFold(item.label)} />}
          >
            {belowOf?.(item)}
          </CompletionCard>
        ),
      )}
    </div>
  );
}
