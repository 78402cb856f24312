import { VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { RoadStand, StationName } from "@/shared/api/types";
import styles from "./RoadMap.module.css";
import { shareOf, standingOf } from "./standing";

const PLACES: Record<StationName, { x: number; y: number }> = {
  pretrain: { x: 90, y: 62 },
  sft: { x: 340, y: 62 },
  rl: { x: 610, y: 62 },
  chat: { x: 900, y: 62 },
  reward: { x: 340, y: 190 },
  moderation: { x: 610, y: 190 },
};
const ROADS: readonly [StationName, StationName][] = [
  ["pretrain", "sft"],
  ["sft", "rl"],
  ["rl", "chat"],
  ["reward", "rl"],
  ["moderation", "chat"],
];
const RADIUS = 24;
const AROUND = 2 * Math.PI * RADIUS;

/** Stations as places on a map: how far each is, and what leads where. Each leads to its panel below. */
export function RoadMap({ stands }: { stands: readonly RoadStand[] }) {
  const { t } = useTranslation();
  const found = new Map(stands.map((stand) => [stand.station, stand]));
  return (
    <nav aria-label={t("road.map")} className={styles.frame}>
      <svg viewBox="0 0 990 262" className={styles.map}>
        {ROADS.map(([from, to]) => (
          <path
            key={from + to}
            d={wayBetween(from, to)}
            className={styles.road}
            data-standing={lookOf(found.get(from))}
          />
        ))}
        {stands.map((stand, index) => (
          <Place key={stand.station} stand={stand} number={index + 1} />
        ))}
      </svg>
    </nav>
  );
}

function Place({ stand, number }: { stand: RoadStand; number: number }) {
  const { t } = useTranslation();
  const { x, y } = PLACES[stand.station];
  const share = shareOf(stand);
  const standing = standingOf(stand);
  return (
    <a href={`#station-${stand.station}`} className={styles.place} data-standing={standing}>
      <circle cx={x} cy={y} r={RADIUS} className={styles.ground} />
      {share !== null && (
        <circle
          cx={x}
          cy={y}
          r={RADIUS}
          className={styles.share}
          strokeDasharray={`${share * AROUND} ${AROUND}`}
          transform={`rotate(-90 ${x} ${y})`}
        />
      )}
      <text x={x} y={y + 6} className={styles.number} aria-hidden>
        {standing === "reached" ? "✓" : number}
      </text>
      <text x={x} y={y + RADIUS + 24} className={styles.name}>
        {t(`road.station.${stand.station}.name`)}
      </text>
      <VisuallyHidden component="tspan">{t(`road.standing.${standing}`)}</VisuallyHidden>
    </a>
  );
}

const lookOf = (stand: RoadStand | undefined) => (stand ? standingOf(stand) : "ahead");

/** A straight way along a row; from the lower row a bend up to the upper one. */
function wayBetween(from: StationName, to: StationName): string {
  const [start, end] = [PLACES[from], PLACES[to]];
  if (start.y === end.y) return `M ${start.x + RADIUS + 6} ${start.y} H ${end.x - RADIUS - 6}`;
  const turn = end.x - 116;
  return `M ${start.x + RADIUS + 6} ${start.y} H ${turn - 40} Q ${turn} ${start.y} ${turn} ${start.y - 46} V ${end.y + 44} Q ${turn + 4} ${end.y + 12} ${end.x - RADIUS - 7} ${end.y + 9}`;
}
