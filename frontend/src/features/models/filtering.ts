import { section } from "./modelMetrics";

/** What a filter's card says of its worth, category by category, read carefully: where nothing can be said there is null. */
export interface Bounded {
  value: number;
  low: number | null;
  high: number | null;
}
export interface CategoryFigures {
  category: string;
  auprc: Bounded | null;
  f1: Bounded | null;
  fpr: Bounded | null;
  recall: Bounded | null;
  /** The AUPRC of a coin. */
  random: number | null;
  threshold: number | null;
  positives: number;
  negatives: number;
}
export interface Filtering {
  mean: number | null;
  texts: number;
  categories: CategoryFigures[];
  unlearned: string[];
}

type Loose = Record<string, unknown>;
const numberOr = (value: unknown): number | null => (typeof value === "number" ? value : null);

export function filterReport(metrics: Loose): Filtering {
  const test = section(metrics, "test");
  const categories = section(test, "categories");
  const { unlearned } = metrics;
  return {
    mean: numberOr(test.mean_auprc),
    texts: numberOr(test.texts) ?? 0,
    categories: Object.keys(categories).map((category) => figuresOf(category, section(categories, category))),
    unlearned: Array.isArray(unlearned) ? unlearned.filter((name) => typeof name === "string") : [],
  };
}

function figuresOf(category: string, figures: Loose): CategoryFigures {
  const bounded = (name: string): Bounded | null => {
    const value = numberOr(figures[name]);
    if (value === null) return null;
    return { value, low: numberOr(figures[`${name}_low`]), high: numberOr(figures[`${name}_high`]) };
  };
  return {
    category,
    auprc: bounded("auprc"),
    f1: bounded("f1"),
    fpr: bounded("fpr"),
    recall: bounded("recall"),
    random: numberOr(figures.random),
    threshold: numberOr(figures.threshold),
    positives: numberOr(figures.positives) ?? 0,
    negatives: numberOr(figures.negatives) ?? 0,
  };
}
