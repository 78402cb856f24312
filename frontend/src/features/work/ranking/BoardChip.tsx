import { passesEnter } from "@/shared/hooks/keys";
import { useDraggable } from "@dnd-kit/core";
import { VisuallyHidden } from "@mantine/core";
import { IconGripVertical } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./RankingBoard.module.css";
import type { Label } from "./ranking";

interface FaceProps {
  number: number;
  excerpt: string;
  isSelected: boolean;
}

export function ChipFace({ number, excerpt, isSelected }: FaceProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.chip} data-selected={isSelected || undefined}>
      <span className={classes.number}>
        <VisuallyHidden>{t("ranking.completion", { number })} </VisuallyHidden>
        <span aria-hidden>{number}</span>
      </span>
      <span className={classes.excerpt} dir="auto">
        {excerpt || t("answers.no_text")}
      </span>
      <IconGripVertical size={16} className={classes.grip} aria-hidden />
    </div>
  );
}

interface Props extends FaceProps {
  label: Label;
  onSelect: (label: Label) => void;
}

export function BoardChip({ label, onSelect, ...face }: Props) {
  const { setNodeRef, listeners, isDragging } = useDraggable({ id: label });
  return (
    <button
      type="button"
      ref={setNodeRef}
      className={classes.handle}
      data-dragging={isDragging || undefined}
      aria-pressed={face.isSelected}
      onClick={() => onSelect(label)}
      {...passesEnter}
      {...listeners}
    >
      <ChipFace {...face} />
    </button>
  );
}
