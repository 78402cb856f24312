import { Markdown } from "@/shared/components/Markdown";
import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Claim } from "@/shared/api/types";
import classes from "./CompletionList.module.css";
import { tierOf, type Label, type Tiers } from "../ranking/ranking";

interface Props {
  claim: Claim;
  tiers: Tiers;
  selected: Label;
  onSelect: (label: Label) => void;
  isWide: boolean;
}

/** The texts, always in the order shown: while ranks change, what is being read stays where it is. */
export function CompletionList({ claim, tiers, selected, onSelect, isWide }: Props) {
  const { t } = useTranslation();
  return (
    <div className={classes.list} data-wide={isWide || undefined}>
      {claim.completions.map(({ label, text }, index) => {
        const rank = tierOf(tiers, label);
        const isTied = (tiers[rank]?.length ?? 0) > 1;
        return (
          <article
            key={label}
            id={`completion-${label}`}
            className={classes.card}
            data-selected={label === selected || undefined}
            aria-label={t("ranking.completion", { number: index + 1 })}
            onClick={() => onSelect(label)}
          >
            <header className={classes.head}>
              <span className={classes.number}>{index + 1}</span>
              <Text size="sm" c="dimmed">
                {t(isTied ? "ranking.rank_tied" : "ranking.rank", { rank: rank + 1 })}
              </Text>
            </header>
            <Markdown text={text} keepLines />
          </article>
        );
      })}
    </div>
  );
}
