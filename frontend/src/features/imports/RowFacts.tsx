import { Text } from "@mantine/core";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import type { ImportRow } from "@/shared/api/types";
import classes from "./RowFacts.module.css";

/** What comes in with a row beside its texts: where it goes, and what somebody has answered already. */
export function RowFacts({ row }: { row: ImportRow }) {
  const { t } = useTranslation();
  const { protocol, answer } = row;
  const facts = {
    protocol: protocol?.id === null ? t("dry_run.to_be_made", { name: protocol.name }) : protocol?.name,
    answer: said(row, t("dry_run.all_bad")),
    rationale: answer.rationale,
    annotator: row.annotator,
    source: row.source,
    language: row.language,
    tags: row.tags.join(", "),
  };
  const names = (Object.keys(facts) as (keyof typeof facts)[]).filter((name) => facts[name]);
  return (
    <dl className={classes.facts}>
      {names.map((name) => (
        <Fragment key={name}>
          <dt>{t(`dry_run.fact.${name}`)}</dt>
          <Text component="dd" size="sm" lineClamp={4} title={facts[name]}>
            {facts[name]}
          </Text>
        </Fragment>
      ))}
    </dl>
  );
}

/** The answer in a line: a ranking by its labels, best first and ties joined. */
function said({ answer }: ImportRow, allBad: string): string {
  const tiers = answer.tiers.map((tier) => tier.join(" = ")).join(" > ");
  const parts = [answer.text, answer.completion, tiers, answer.labels.join(", "), answer.all_bad ? allBad : undefined];
  return parts.filter(Boolean).join(" · ");
}
