import { useTranslation } from "react-i18next";

/** What the two sides of a comparison are called. */
export const SIDES = ["A", "B"] as const;
export type Side = (typeof SIDES)[number];

/** A decision between two in words: "A is better (2 of 3)". */
export function useVerdict(): (side: Side | null, strength: number, levels: number) => string {
  const { t } = useTranslation();
  return (side, strength, levels) => {
    if (side === null) return t("comparison.tie");
    return levels > 1 ? t("comparison.better_by", { side, strength, levels }) : t("comparison.better", { side });
  };
}
