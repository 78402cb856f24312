import { useTranslation } from "react-i18next";

/** Why an answer is not in a release, or became no row of a view, or differs between two. */
const REASONS = [
  "task_cancelled",
  "spare_answer",
  "struck_answer",
  "withdrawn_answer",
  "kind_without_record",
  "other_day",
  "other_language",
  "other_tag",
  "other_annotator",
  "other_guideline_version",
  "other_review_state",
  "other_protocol",
  "agreement_unknown",
  "agreement_too_low",
  "group_in_two_splits",
  "annotator_in_other_split",
  "written_prompt_without_split",
  "broken_ranking",
  "gold_task",
  "screening_task",
  "calibration_task",
  "revised",
  "other_split",
  "answered_since",
  "left_out_then",
  "all_bad_ranking",
  "tied_pair",
  "pair_not_in_rule",
  "pair_below_margin",
  "pair_below_strength",
  "pair_without_strength",
] as const;

/** Reasons in the reader's language; one that is new to the pages in the server's words. */
export function useReasons(): (reason: string) => string {
  const { t } = useTranslation();
  return (reason) => {
    const known = REASONS.find((name) => name === reason);
    return known ? t(`building.reason.${known}`) : reason.replaceAll("_", " ");
  };
}
