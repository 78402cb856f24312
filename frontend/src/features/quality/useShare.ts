import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Share } from "@/shared/api/types";

/** A figure and its interval as they are shown. */
export function useShare() {
  const { t } = useTranslation();
  const format = useFormat();
  return ({ value, low, high }: Share, style: "percent" | "decimal"): { value: string; note: string } => {
    const written = (number: number) => (style === "percent" ? format.percent(number) : format.fixed(number));
    if (value === null) return { value: "–", note: t("agreement.not_comparable") };
    if (low === null || high === null) return { value: written(value), note: t("agreement.no_interval") };
    return { value: written(value), note: t("agreement.interval", { low: written(low), high: written(high) }) };
  };
}
