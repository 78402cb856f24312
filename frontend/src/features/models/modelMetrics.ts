/** The numbers of a model card that pages show, read carefully: a card written by an older version may lack some. */
export interface Interval {
  accuracy: number;
  low?: number;
  high?: number;
}

export interface RewardResult {
  model: Interval;
  baselines: { name: string; result: Interval }[];
  pairs?: number;
  rankings?: number;
}

type Loose = Record<string, unknown>;

const isRecord = (value: unknown): value is Loose => typeof value === "object" && value !== null;
const numberIn = (record: Loose, ...names: string[]): number | undefined =>
  names.map((name) => record[name]).find((value): value is number => typeof value === "number");

export function section(metrics: Loose, name: string): Loose {
  const found = metrics[name];
  return isRecord(found) ? found : {};
}

export function rewardResult(metrics: Loose): RewardResult | null {
  const test = section(metrics, "test");
  const model = intervalOf(test);
  if (!model) return null;
  const baselines = section(section(metrics, "baselines"), "test");
  return {
    model,
    baselines: Object.entries(baselines).flatMap(([name, value]) => {
      const result = isRecord(value) ? intervalOf(value) : null;
      return result ? [{ name, result }] : [];
    }),
    pairs: numberIn(test, "pairs"),
    rankings: numberIn(test, "rankings"),
  };
}

function intervalOf(record: Loose): Interval | null {
  const accuracy = numberIn(record, "accuracy");
  return accuracy === undefined
    ? null
    : { accuracy, low: numberIn(record, "low", "accuracy_low"), high: numberIn(record, "high", "accuracy_high") };
}
