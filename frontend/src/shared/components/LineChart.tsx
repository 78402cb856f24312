import { Group, Text, VisuallyHidden } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useState, type PointerEvent } from "react";
import { useFormat } from "@/shared/i18n/useFormat";
import classes from "./LineChart.module.css";
import { nearest, niceScale, thin, type Series } from "./lineScale";

const HEIGHT = 260;
const MARGIN = { top: 12, right: 16, bottom: 28, left: 56 };
const MOST_POINTS = 600;
// Room for a day such as "23 Nov" on either side.
const TICK_WIDTH = 90;

interface Props {
  label: string;
  xLabel: string;
  series: readonly Series[];
  summary: string;
  /** How values are written; plain numbers unless given. */
  xFormat?: (x: number) => string;
  yFormat?: (y: number) => string;
}

/** A small line chart: own SVG, so that it costs two kilobytes and needs no inline scripts. */
export function LineChart({ label, xLabel, series, summary, ...write }: Props) {
  const format = useFormat();
  const { xFormat = (x: number) => format.integer(Math.round(x)), yFormat = format.decimal } = write;
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [hover, setHover] = useState<number | null>(null);
  const points = series.flatMap((one) => one.points);
  const xs = points.map((point) => point.x);
  const right = Math.max(1, ...xs);
  const y = niceScale(points.map((point) => point.y));
  const inner = Math.max(1, width - MARGIN.left - MARGIN.right);
  const x = niceScale([0, right], Math.max(2, Math.min(6, Math.floor(inner / TICK_WIDTH))));
  const toX = (value: number) => MARGIN.left + (value / right) * inner;
  const toY = (value: number) =>
    MARGIN.top + (1 - (value - y.min) / (y.max - y.min)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const follow = (event: PointerEvent<SVGSVGElement>) => {
    const left = event.currentTarget.getBoundingClientRect().left;
    setHover(((event.clientX - left - MARGIN.left) / inner) * right);
  };
  const marks =
    hover === null
      ? []
      : series.flatMap((one) => ({ ...one, point: nearest(one.points, hover) })).filter((mark) => mark.point);
  return (
    <figure className={classes.figure} ref={ref} aria-label={label}>
      <Group gap="lg" mb={6} component="figcaption">
        {series.map((one) => {
          const shown = hover === null ? one.points.at(-1) : nearest(one.points, hover);
          return (
            <Group key={one.name} gap={6}>
              <span className={classes.swatch} style={{ background: one.color }} />
              <Text size="sm" c="dimmed">
                {one.name}
              </Text>
              <Text size="sm" fw={600} miw={56}>
                {shown ? yFormat(shown.y) : ""}
              </Text>
            </Group>
          );
        })}
        <Text size="sm" c="dimmed" ml="auto">
          {xLabel} {xFormat(marks[0]?.point?.x ?? right)}
        </Text>
      </Group>
      <VisuallyHidden>{summary}</VisuallyHidden>
      <svg width="100%" height={HEIGHT} aria-hidden onPointerMove={follow} onPointerLeave={() => setHover(null)}>
        {y.ticks.map((tick) => (
          <g key={tick}>
            <line x1={MARGIN.left} x2={width - MARGIN.right} y1={toY(tick)} y2={toY(tick)} className={classes.grid} />
            <text x={MARGIN.left - 10} y={toY(tick)} dy="0.32em" textAnchor="end" className={classes.tick}>
              {yFormat(tick)}
            </text>
          </g>
        ))}
        {x.ticks
          .filter((tick) => tick <= right)
          .map((tick) => (
            <text
              key={tick}
              x={toX(tick)}
              y={HEIGHT - 8}
              textAnchor={tick === right && tick > 0 ? "end" : "middle"}
              className={classes.tick}
            >
              {xFormat(tick)}
            </text>
          ))}
        {series.map((one) => (
          <polyline
            key={one.name}
            className={classes.line}
            style={{ stroke: one.color }}
            points={thin(one.points, MOST_POINTS)
              .map((point) => `${toX(point.x)},${toY(point.y)}`)
              .join(" ")}
          />
        ))}
        {series.map(
          ({ name, color, points: [only, second] }) =>
            only && !second && <circle key={name} cx={toX(only.x)} cy={toY(only.y)} r={4} fill={color} />,
        )}
        {marks.map(
          ({ name, color, point }) =>
            point && <circle key={name} cx={toX(point.x)} cy={toY(point.y)} r={4} fill={color} />,
        )}
      </svg>
    </figure>
  );
}
