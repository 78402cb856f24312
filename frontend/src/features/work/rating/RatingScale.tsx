import { passesEnter } from "@/shared/hooks/keys";
import { Text, TextInput } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Choices.module.css";

/** More steps than this are a number to write, not a row of buttons. */
const MOST_BUTTONS = 10;

interface Props {
  title: string;
  scale: number;
  value: number | undefined;
  onRate: (value: number) => void;
}

/** 1 to n, worst to best; the digits choose. */
export function RatingScale({ title, scale, value, onRate }: Props) {
  const { t } = useTranslation();
  const heading = useId();
  if (scale > MOST_BUTTONS) {
    return (
      <TextInput
        type="number"
        label={title}
        description={t("rating.range", { scale })}
        min={1}
        max={scale}
        value={value ?? ""}
        onChange={(event) => {
          const given = event.currentTarget.valueAsNumber;
          if (Number.isInteger(given) && given >= 1 && given <= scale) onRate(given);
        }}
      />
    );
  }
  return (
    <div>
      <Text id={heading} size="sm" fw={600} mb={6}>
        {title}
      </Text>
      <div role="group" aria-labelledby={heading} className={classes.scale}>
        {Array.from({ length: scale }, (_, index) => index + 1).map((step) => (
          <button
            key={step}
            type="button"
            className={classes.choice}
            aria-pressed={step === value}
            onClick={() => onRate(step)}
            {...passesEnter}
          >
            {step}
          </button>
        ))}
      </div>
      <div className={classes.ends} aria-hidden>
        <span>{t("rating.worst")}</span>
        <span>{t("rating.best")}</span>
      </div>
    </div>
  );
}
