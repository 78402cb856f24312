/** What the card of a refined assistant tells, read carefully: an older card may lack some of it. */
export interface Exchange {
  prompt: string;
  before: string;
  after: string;
}

export interface Look {
  step: number;
  d: number;
  proxy: number;
  gold: number;
}

type Loose = Record<string, unknown>;

const isRecord = (value: unknown): value is Loose => typeof value === "object" && value !== null;

const rowsOf = (value: unknown): Loose[] => (Array.isArray(value) ? value.filter(isRecord) : []);

export const answersOf = (metrics: Loose): Exchange[] =>
  rowsOf(metrics.answers).flatMap(({ prompt, before, after }) =>
    typeof prompt === "string" && typeof before === "string" && typeof after === "string"
      ? [{ prompt, before, after }]
      : [],
  );

export function looksOf(metrics: Loose): Look[] {
  const found = isRecord(metrics.goodhart) ? rowsOf(metrics.goodhart.looks) : [];
  return found.flatMap(({ step, d, proxy, gold }) =>
    [step, d, proxy, gold].every((one) => typeof one === "number") ? [{ step, d, proxy, gold } as Look] : [],
  );
}

/** The distance at which gold was predicted to be highest, null where no curve was fitted or it has no top. */
export function optimumOf(metrics: Loose): number | null {
  const fit = isRecord(metrics.goodhart) ? metrics.goodhart.fit : null;
  return isRecord(fit) && typeof fit.optimum === "number" ? fit.optimum : null;
}

/** After which step the monitor ended the run, and whose weights were kept then; null where it did not. */
export function endOf(metrics: Loose): { stopped: number; kept: number } | null {
  const { stopped_at: stopped, kept_step: kept } = isRecord(metrics.goodhart) ? metrics.goodhart : {};
  return typeof stopped === "number" && typeof kept === "number" ? { stopped, kept } : null;
}
