import { VisuallyHidden } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Markdown } from "@/shared/components/Markdown";
import { changesBetween } from "./changes";
import classes from "./GuidelineChanges.module.css";

/** The guideline as it reads now, with what came marked and what went struck through. */
export function GuidelineChanges({ before, now }: { before: string; now: string }) {
  const { t } = useTranslation();
  const changes = useMemo(() => changesBetween(before, now), [before, now]);
  return changes.map(({ kind, text }, place) => (
    <div key={place} className={classes.block} data-kind={kind}>
      {kind !== "same" && <VisuallyHidden>{t(`guideline.block.${kind}`)}</VisuallyHidden>}
      <Markdown text={text} />
    </div>
  ));
}
