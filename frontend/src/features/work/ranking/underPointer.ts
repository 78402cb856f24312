import { closestCenter, pointerWithin, type CollisionDetection } from "@dnd-kit/core";

/** How far, in pixels, a gap between tiers reaches into its neighbours: a thin line alone is a poor target. */
const REACH = 7;

/** What the pointer points at, gaps before tiers; outside the board, whatever is nearest. */
export const underPointer: CollisionDetection = (args) => {
  const { droppableContainers, droppableRects, pointerCoordinates } = args;
  const y = pointerCoordinates?.y;
  const gap =
    y === undefined
      ? undefined
      : droppableContainers.find(({ id, data }) => {
          const rect = droppableRects.get(id);
          return rect && "gap" in (data.current ?? {}) && y > rect.top - REACH && y < rect.bottom + REACH;
        });
  if (gap) return [{ id: gap.id }];
  const within = pointerWithin(args);
  return within.length ? within : closestCenter(args);
};
