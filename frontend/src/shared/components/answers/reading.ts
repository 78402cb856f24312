import type { ReactNode } from "react";

export interface ShownCompletion {
  /** What the payload calls it: a claim's label, or its id. */
  label: string;
  text: string;
  /** Where it comes from, for those who may know. */
  source?: ReactNode;
}

export interface ReadingProps {
  payload: Readonly<Record<string, unknown>>;
  config?: Readonly<Record<string, unknown>>;
  /** In the order shown. */
  completions: readonly ShownCompletion[];
}
