import { useDroppable } from "@dnd-kit/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./RankingBoard.module.css";

interface Props {
  index: number;
  count: number;
  /** Whether something may be dropped onto it, to tie. */
  takesDrops: boolean;
  children: ReactNode;
}

export function BoardTier({ index, count, takesDrops, children }: Props) {
  const { t } = useTranslation();
  const { setNodeRef, isOver } = useDroppable({ id: `tier-${index}`, data: { tier: index }, disabled: !takesDrops });
  return (
    <div
      ref={setNodeRef}
      className={classes.tier}
      data-over={isOver || undefined}
      role="group"
      aria-label={t(count > 1 ? "ranking.rank_tied" : "ranking.rank", { rank: index + 1 })}
    >
      <span className={classes.rank} aria-hidden>
        {index + 1}
      </span>
      <div className={classes.chips}>{children}</div>
    </div>
  );
}
