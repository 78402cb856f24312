import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatters, type Formatters } from "./format";

/** Numbers, dates, sizes and durations as the chosen language writes them. */
export function useFormat(): Formatters {
  const { i18n } = useTranslation();
  return useMemo(() => formatters(i18n.language), [i18n.language]);
}
