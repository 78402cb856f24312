import {
  DndContext,
  DragOverlay,
  MouseSensor,
  TouchSensor,
  useSensor,
  useSensors,
  type DragEndEvent,
} from "@dnd-kit/core";
import { Fragment, useState } from "react";
import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { excerptOf } from "@/shared/components/answers/excerpt";
import type { Claim } from "@/shared/api/types";
import { BoardChip, ChipFace } from "./BoardChip";
import { BoardGap } from "./BoardGap";
import { BoardTier } from "./BoardTier";
import classes from "./RankingBoard.module.css";
import type { Label, Move, Tiers } from "./ranking";
import { underPointer } from "./underPointer";

/** More completions than these stand closer, so that all of the board is seen at once. */
const FEW = 6;

interface Props {
  labels: readonly Label[];
  completions: Claim["completions"];
  tiers: Tiers;
  selected: Label;
  allowTies: boolean;
  onSelect: (label: Label) => void;
  onMove: (move: Move) => void;
}

/** Tiers from best to worst. Drop between two tiers for a rank of its own, onto a tier for a tie, where ties are allowed. */
export function RankingBoard({ labels, completions, tiers, selected, allowTies, onSelect, onMove }: Props) {
  const { t } = useTranslation();
  const [dragged, setDragged] = useState<Label | null>(null);
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: 4 } }),
    // A finger that moves at once scrolls the page; one that rests a moment lifts the chip.
    useSensor(TouchSensor, { activationConstraint: { delay: 160, tolerance: 6 } }),
  );
  const face = (label: Label) => ({
    number: labels.indexOf(label) + 1,
    excerpt: excerptOf(completions.find((completion) => completion.label === label)?.text ?? ""),
  });
  const drop = ({ active, over }: DragEndEvent) => {
    setDragged(null);
    const move = over && moveFor(String(active.id), over.data.current as DropTarget | undefined, tiers);
    if (move) onMove(move);
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={underPointer}
      onDragStart={({ active }) => {
        setDragged(String(active.id));
        onSelect(String(active.id));
      }}
      onDragEnd={drop}
      onDragCancel={() => setDragged(null)}
    >
      <div
        className={classes.board}
        data-dragging={dragged !== null || undefined}
        data-many={labels.length > FEW || undefined}
      >
        <Text size="sm" c="dimmed" className={classes.end}>
          {t("ranking.best")}
        </Text>
        {tiers.map((tier, index) => (
          <Fragment key={tier.join()}>
            <BoardGap index={index} />
            <BoardTier index={index} count={tier.length} takesDrops={allowTies}>
              {tier.map((label) => (
                <BoardChip
                  key={label}
                  label={label}
                  {...face(label)}
                  isSelected={label === selected}
                  onSelect={onSelect}
                />
              ))}
            </BoardTier>
          </Fragment>
        ))}
        <BoardGap index={tiers.length} />
        <Text size="sm" c="dimmed" className={classes.end}>
          {t("ranking.worst")}
        </Text>
      </div>
      <DragOverlay dropAnimation={null}>{dragged && <ChipFace {...face(dragged)} isSelected />}</DragOverlay>
    </DndContext>
  );
}

export type DropTarget = { gap: number } | { tier: number };

function moveFor(label: Label, target: DropTarget | undefined, tiers: Tiers): Move | null {
  if (!target) return null;
  if ("gap" in target) return { type: "insert", label, gap: target.gap };
  const other = tiers[target.tier]?.find((one) => one !== label);
  return other ? { type: "join", label, with: other } : null;
}
