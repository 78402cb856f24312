import { useDroppable } from "@dnd-kit/core";
import classes from "./RankingBoard.module.css";

/** The room between two tiers: what is dropped here gets a rank of its own. */
export function BoardGap({ index }: { index: number }) {
  const { setNodeRef, isOver } = useDroppable({ id: `gap-${index}`, data: { gap: index } });
  return <div ref={setNodeRef} className={classes.gap} data-over={isOver || undefined} aria-hidden />;
}
