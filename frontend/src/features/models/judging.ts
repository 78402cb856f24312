import { section } from "./modelMetrics";

/** What a reward model's card says of its own worth, read carefully: a card of an older version lacks it. */
export interface Share {
  accuracy: number;
  low: number;
  high: number;
  pairs: number;
}
export interface Part extends Share {
  kind: (typeof KINDS)[number];
  value: string;
}
export interface Calibration {
  ece: number;
  brier: number;
  temperature: number;
  eceAfter: number;
  curve: { confidence: number; accuracy: number; pairs: number }[];
}
export interface Judging {
  ceiling: { agreement: number; low: number; high: number; tasks: number } | null;
  inFold: Share | null;
  heldOut: Share | null;
  calibration: Calibration | null;
  parts: Part[];
  probes: { name: ProbeName; share: Share | null }[];
  lengthCorrelation: number | null;
  firstPreferred: number | null;
  annotators: { name: string; terms: Partial<Record<TermName, number>> }[];
  demonstrations: number | null;
}

type Loose = Record<string, unknown>;
const PROBES = ["matched", "shorter_chosen", "longer_chosen", "first_won", "later_won"] as const;
export type ProbeName = (typeof PROBES)[number];
export const TERMS = ["reliability", "position", "length"] as const;
export type TermName = (typeof TERMS)[number];
const KINDS = ["strength", "length_gap", "completions", "language", "source"] as const;

export function judgingOf(metrics: Loose): Judging | null {
  const report = section(metrics, "report");
  if (Object.keys(report).length === 0) return null;
  const length = section(report, "length");
  const position = section(report, "position");
  const slices = section(report, "slices");
  return {
    ceiling: ceilingOf(section(metrics, "ceiling")),
    inFold: shareOf(report.in_fold),
    heldOut: shareOf(report.held_out_annotators),
    calibration: calibrationOf(section(report, "calibration")),
    parts: KINDS.flatMap((kind) => partsOf(kind, slices[kind])),
    probes: PROBES.map((name) => ({ name, share: shareOf(length[name] ?? position[name]) })),
    lengthCorrelation: numberOr(length.correlation),
    firstPreferred: numberOr(position.first_preferred),
    annotators: Object.entries(section(metrics, "annotators")).map(([name, terms]) => ({
      name,
      terms: termsOf(terms),
    })),
    demonstrations: numberOr(section(metrics, "centred").demonstrations),
  };
}

const numberOr = (value: unknown): number | null => (typeof value === "number" ? value : null);
const isRecord = (value: unknown): value is Loose => typeof value === "object" && value !== null;

function shareOf(value: unknown): Share | null {
  if (!isRecord(value)) return null;
  const { accuracy, low, high, pairs } = value;
  return typeof accuracy === "number" && typeof low === "number" && typeof high === "number"
    ? { accuracy, low, high, pairs: numberOr(pairs) ?? 0 }
    : null;
}

/** One part alone says nothing that the whole does not. */
function partsOf(kind: Part["kind"], value: unknown): Part[] {
  const rows = (Array.isArray(value) ? value : []).flatMap((row: unknown) => {
    const share = shareOf(row);
    return share && isRecord(row) ? [{ kind, value: String(row.value), ...share }] : [];
  });
  return rows.length > 1 ? rows : [];
}

function ceilingOf(value: Loose): Judging["ceiling"] {
  // The accuracy leaves out what people tied, so it is read by their agreement without ties where that is known.
  const isStrict = typeof value.strict === "number";
  const agreement = isStrict ? value.strict : value.agreement;
  const [low, high] = isStrict ? [value.strict_low, value.strict_high] : [value.low, value.high];
  const { tasks } = value;
  return typeof agreement === "number" && typeof low === "number" && typeof high === "number"
    ? { agreement, low, high, tasks: numberOr(tasks) ?? 0 }
    : null;
}

function calibrationOf(value: Loose): Calibration | null {
  const { ece, brier, temperature, ece_after: eceAfter, curve } = value;
  if (typeof ece !== "number" || typeof brier !== "number" || typeof temperature !== "number") return null;
  return {
    ece,
    brier,
    temperature,
    eceAfter: numberOr(eceAfter) ?? ece,
    curve: (Array.isArray(curve) ? curve : []).filter(isRecord).map((bin) => ({
      confidence: numberOr(bin.confidence) ?? 0,
      accuracy: numberOr(bin.accuracy) ?? 0,
      pairs: numberOr(bin.pairs) ?? 0,
    })),
  };
}

function termsOf(value: unknown): Partial<Record<TermName, number>> {
  return Object.fromEntries(
    TERMS.flatMap((term) => {
      const one = isRecord(value) ? value[term] : undefined;
      return typeof one === "number" ? [[term, one] as const] : [];
    }),
  );
}
