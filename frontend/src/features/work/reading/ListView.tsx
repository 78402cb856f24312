import { CompletionCard } from "@/shared/components/answers/CompletionCard";
import classes from "./CompletionReader.module.css";
import type { ViewProps } from "./CompletionReader";
import { FoldButton } from "./FoldButton";

export function ListView({ reading, nameOf, noteOf, belowOf, marked }: ViewProps) {
  const { context, folded, items } = reading;
  return (
    <div className={classes.list}>
      {items.map((item) => (
        <CompletionCard
          key={item.label}
          id={`completion-${item.label}`}
          name={item.name}
          label={nameOf(item)}
          text={item.text}
          note={noteOf(item)}
          isSelected={item.label === marked}
          isFolded={folded.has(item.label)}
          onSelect={() => context.select(item.label)}
          tools={<FoldButton isFolded={folded.has(item.label)} onToggle={() => context.toggleFold(item.label)} />}
        >
          {belowOf?.(item)}
        </CompletionCard>
      ))}
    </div>
  );
}
