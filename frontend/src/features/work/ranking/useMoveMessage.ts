import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { tierOf, type Board, type Label } from "./ranking";

/** What a screen reader says after a move: where the selected completion stands now. Silent before the first. */
export function useMoveMessage(board: Board, labels: readonly Label[], selected: Label): string {
  const { t } = useTranslation();
  const [message, setMessage] = useState("");
  const last = useRef({ board, selected });
  useEffect(() => {
    if (last.current.board === board && last.current.selected === selected) return;
    last.current = { board, selected };
    const rank = tierOf(board.tiers, selected);
    const others = (board.tiers[rank] ?? []).filter((label) => label !== selected);
    const values = {
      number: labels.indexOf(selected) + 1,
      rank: rank + 1,
      others: others.map((label) => labels.indexOf(label) + 1).join(", "),
    };
    setMessage(t(others.length > 0 ? "ranking.moved_tied" : "ranking.moved", values));
  }, [board, labels, selected, t]);
  return message;
}
