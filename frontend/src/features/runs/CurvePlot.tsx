import { VisuallyHidden } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import chart from "@/shared/components/LineChart.module.css";
import { niceScale } from "@/shared/components/lineScale";
import { useFormat } from "@/shared/i18n/useFormat";
import type { LearningCurveFound } from "@/shared/api/types";
import { lineOf, marksOf } from "./curveScale";

const HEIGHT = 240;
const MARGIN = { top: 12, right: 24, bottom: 28, left: 56 };
const WHISKER = 5;

interface Props {
  label: string;
  summary: string;
  found: LearningCurveFound;
  /** How far the line is read on. */
  ahead: number;
  write: (value: number) => string;
}

/** Measured points with their intervals over the judgements, the line through them, and the line read on. */
export function CurvePlot({ label, summary, found, ahead, write }: Props) {
  const format = useFormat();
  const { ref, width } = useElementSize<HTMLDivElement>();
  const marks = marksOf(found);
  const first = Math.max(1, Math.min(...marks.map((mark) => mark.judgements)));
  const last = Math.max(...marks.map((mark) => mark.judgements));
  const known = lineOf(found, first, last);
  const further = lineOf(found, last, last + ahead);
  const right = found.fit ? last + ahead : last;
  const y = niceScale([
    ...marks.flatMap((mark) => [mark.low, mark.high]),
    ...[...known, ...further].map((point) => point.y),
  ]);
  const inner = Math.max(1, width - MARGIN.left - MARGIN.right);
  const toX = (value: number) =>
    MARGIN.left + (right > first ? Math.log(Math.max(value, 1) / first) / Math.log(right / first) : 0.5) * inner;
  const toY = (value: number) =>
    MARGIN.top + (1 - (value - y.min) / (y.max - y.min)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const path = (points: readonly { x: number; y: number }[]) =>
    points.map((point) => `${toX(point.x)},${toY(point.y)}`).join(" ");
  return (
    <figure className={chart.figure} ref={ref} aria-label={label}>
      <VisuallyHidden>{summary}</VisuallyHidden>
      <svg width="100%" height={HEIGHT} aria-hidden>
        {y.ticks.map((tick) => (
          <g key={tick}>
            <line x1={MARGIN.left} x2={width - MARGIN.right} y1={toY(tick)} y2={toY(tick)} className={chart.grid} />
            <text x={MARGIN.left - 10} y={toY(tick)} dy="0.32em" textAnchor="end" className={chart.tick}>
              {write(tick)}
            </text>
          </g>
        ))}
        <polyline className={chart.line} style={{ stroke: "var(--bennet-series-2)" }} points={path(known)} />
        <polyline
          className={chart.line}
          style={{ stroke: "var(--bennet-series-2)", strokeDasharray: "5 5" }}
          points={path(further)}
        />
        {marks.map((mark) => (
          <g key={mark.judgements} stroke="var(--bennet-series-1)" strokeWidth={1.5}>
            <line x1={toX(mark.judgements)} x2={toX(mark.judgements)} y1={toY(mark.low)} y2={toY(mark.high)} />
            {[mark.low, mark.high].map((end, place) => (
              <line
                key={place}
                x1={toX(mark.judgements) - WHISKER}
                x2={toX(mark.judgements) + WHISKER}
                y1={toY(end)}
                y2={toY(end)}
              />
            ))}
            <circle cx={toX(mark.judgements)} cy={toY(mark.value)} r={4} fill="var(--bennet-series-1)" />
            <text x={toX(mark.judgements)} y={HEIGHT - 8} textAnchor="middle" className={chart.tick} stroke="none">
              {format.integer(mark.judgements)}
            </text>
          </g>
        ))}
        {found.fit && (
          <text x={toX(right)} y={HEIGHT - 8} textAnchor="middle" className={chart.tick}>
            {format.integer(right)}
          </text>
        )}
      </svg>
    </figure>
  );
}
