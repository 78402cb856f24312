import type { TFunction } from "i18next";
import type { Formatters } from "@/shared/i18n/format";
import type { RunPreviewFound } from "@/shared/api/types";

const REASONS = [
  "all_bad",
  "all_tied",
  "completion_too_long",
  "empty_completion",
  "held_out_annotator",
  "identical_completions",
  "outside_train_share",
  "special_token_in_text",
  "template_never_stops",
  "template_not_prefix_stable",
  "template_refuses",
  "unknown_character",
] as const;
const PAIRS = ["used", "tied", "identical"] as const;

const isKnown = (reason: string): reason is (typeof REASONS)[number] => (REASONS as readonly string[]).includes(reason);

/** How many records are left out for which reason, and what becomes of the pairs of a ranking, each in a few words. */
export function reasonsOf(
  counts: RunPreviewFound["splits"]["train"]["counts"],
  t: TFunction,
  format: Formatters,
): string[] {
  const leftOut = Object.entries(counts.left_out).map(([reason, count]) =>
    t("run_preview.left_out", {
      number: format.integer(count),
      reason: isKnown(reason) ? t(`run_preview.reason.${reason}`) : reason,
    }),
  );
  const pairs = PAIRS.filter((kind) => counts.pairs[kind]).map((kind) =>
    t(`run_preview.pairs.${kind}`, { number: format.integer(counts.pairs[kind] ?? 0) }),
  );
  return [...leftOut, ...pairs];
}
