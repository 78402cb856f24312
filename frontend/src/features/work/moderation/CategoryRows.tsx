import { useId } from "react";
import { useTranslation } from "react-i18next";
import { passesEnter } from "@/shared/hooks/keys";
import { useCategoryName } from "@/shared/components/answers/useCategoryName";
import classes from "./Moderation.module.css";
import { VERDICTS, type Verdict, type Verdicts } from "./verdicts";

const LEVELS = [1, 2, 3] as const;

interface Props {
  categories: readonly string[];
  verdicts: Verdicts;
  current: string;
  /** How bad what holds is; null where that is not asked. */
  severity: Readonly<Record<string, number>> | null;
  onChoose: (category: string) => void;
  onSay: (category: string, verdict: Verdict) => void;
  onRate: (category: string, severity: number) => void;
}

/** One row a category, each with yes, no and unknown; keys speak of the row that is marked. */
export function CategoryRows({ categories, current, ...rest }: Props) {
  return (
    <div className={classes.rows}>
      {categories.map((category) => (
        <CategoryRow key={category} category={category} isCurrent={category === current} {...rest} />
      ))}
    </div>
  );
}

interface RowProps extends Omit<Props, "categories" | "current"> {
  category: string;
  isCurrent: boolean;
}

function CategoryRow({ category, isCurrent, verdicts, severity, onChoose, onSay, onRate }: RowProps) {
  const { t } = useTranslation();
  const named = useCategoryName();
  const heading = useId();
  return (
    <div
      role="group"
      aria-labelledby={heading}
      className={classes.row}
      data-current={isCurrent || undefined}
      onFocus={() => onChoose(category)}
    >
      <span id={heading} className={classes.name} aria-current={isCurrent || undefined}>
        {named(category)}
      </span>
      <span className={classes.verdicts}>
        {VERDICTS.map((verdict) => (
          <button
            key={verdict}
            type="button"
            className={classes.verdict}
            data-verdict={verdict}
            aria-pressed={verdicts[category] === verdict}
            onClick={() => onSay(category, verdict)}
            {...passesEnter}
          >
            {t(`moderation.${verdict}`)}
          </button>
        ))}
      </span>
      {severity && verdicts[category] === "yes" && (
        <span role="group" aria-label={t("moderation.severity")} className={classes.severity}>
          {LEVELS.map((level) => (
            <button
              key={level}
              type="button"
              className={classes.verdict}
              aria-pressed={severity[category] === level}
              onClick={() => onRate(category, level)}
              {...passesEnter}
            >
              {t(`moderation.severity_${level}`)}
            </button>
          ))}
        </span>
      )}
    </div>
  );
}
