import { NumberInput, SimpleGrid } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ColumnProps } from "./QueueForm";

const PERCENT = 100;
const MOST_CALIBRATION = 50;

/** The most that one person does, and what part of it everybody does. */
export function LimitFields({ columns, faults, onChange }: ColumnProps) {
  const { t } = useTranslation();
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }}>
      {(["answers_per_day", "answers_per_person"] as const).map((name) => (
        <NumberInput
          key={name}
          label={t(`protocol.${name}`)}
          placeholder={t("protocol.no_limit")}
          error={faults[name]}
          allowDecimal={false}
          min={1}
          value={columns[name] ?? ""}
          onChange={(value) => onChange({ [name]: value === "" ? null : Number(value) })}
        />
      ))}
      <NumberInput
        label={t("protocol.calibration")}
        description={t("protocol.calibration_hint")}
        inputWrapperOrder={["label", "input", "description", "error"]}
        error={faults.calibration_share}
        suffix=" %"
        allowDecimal={false}
        min={0}
        max={MOST_CALIBRATION}
        value={Math.round(columns.calibration_share * PERCENT)}
        onChange={(value) => onChange({ calibration_share: Number(value) / PERCENT })}
      />
    </SimpleGrid>
  );
}
