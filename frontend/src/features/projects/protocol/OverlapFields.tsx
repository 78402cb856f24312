import { Checkbox, NumberInput, SimpleGrid } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ColumnProps } from "./QueueForm";

const MOST_ANSWERS = 100;
const USUAL_FLOOR = 0.6;
const MINUTE_SECONDS = 60;
const PERCENT = 100;

/** How many people answer a task, and how many more where these disagree. */
export function OverlapFields({ columns, faults, onChange }: ColumnProps) {
  const { t } = useTranslation();
  const { required_answers, maximum_answers, agreement_floor } = columns;
  const isAdaptive = maximum_answers !== null;
  const setAdaptive = (adaptive: boolean) =>
    onChange(
      adaptive
        ? { maximum_answers: Math.min(MOST_ANSWERS, required_answers + 2), agreement_floor: USUAL_FLOOR }
        : { maximum_answers: null, agreement_floor: null },
    );
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <NumberInput
          label={t("protocol.required_answers")}
          description={t("protocol.required_hint")}
          error={faults.required_answers}
          required
          allowDecimal={false}
          min={1}
          max={MOST_ANSWERS}
          value={required_answers}
          onChange={(value) => onChange({ required_answers: Number(value) })}
        />
        <NumberInput
          label={t("protocol.lease")}
          description={t("protocol.lease_hint")}
          error={faults.lease_seconds}
          required
          allowDecimal={false}
          min={1}
          value={columns.lease_seconds / MINUTE_SECONDS}
          onChange={(value) => onChange({ lease_seconds: Number(value) * MINUTE_SECONDS })}
        />
      </SimpleGrid>
      <Checkbox
        label={t("protocol.adaptive")}
        description={t("protocol.adaptive_hint")}
        checked={isAdaptive}
        onChange={(event) => setAdaptive(event.currentTarget.checked)}
      />
      {isAdaptive && (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NumberInput
            label={t("protocol.maximum_answers")}
            description={t("protocol.maximum_answers_hint")}
            error={faults.maximum_answers}
            required
            allowDecimal={false}
            min={required_answers}
            max={MOST_ANSWERS}
            value={maximum_answers}
            onChange={(value) => onChange({ maximum_answers: Number(value) })}
          />
          <NumberInput
            label={t("protocol.agreement_floor")}
            description={t("protocol.agreement_floor_hint")}
            error={faults.agreement_floor}
            suffix=" %"
            allowDecimal={false}
            min={0}
            max={PERCENT}
            value={agreement_floor === null ? "" : Math.round(agreement_floor * PERCENT)}
            onChange={(value) => onChange({ agreement_floor: value === "" ? null : Number(value) / PERCENT })}
          />
        </SimpleGrid>
      )}
    </>
  );
}
