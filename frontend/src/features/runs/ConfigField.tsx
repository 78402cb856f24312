import { NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Field, Values } from "./runFields";

const MOST_DECIMALS = 10;

interface Props {
  field: Field;
  value: Values[string] | undefined;
  error?: string;
  onChange: (value: Values[string]) => void;
}

/** One setting of a training stage, drawn from the description that `training` gives of itself. */
export function ConfigField({ field, value, error, onChange }: Props) {
  const { t } = useTranslation();
  const initial = field.default === null || field.default === undefined ? "" : (field.default as Values[string]);
  const shared = { label: field.name.replaceAll("_", " "), description: field.help, error };
  const shown = value ?? initial;
  switch (field.type) {
    case "boolean":
      return (
        <Switch {...shared} checked={shown === true} onChange={(event) => onChange(event.currentTarget.checked)} />
      );
    case "integer":
    case "number":
      return (
        <NumberInput
          {...shared}
          value={shown as number | string}
          placeholder={t("runs.automatic")}
          min={field.minimum ?? undefined}
          max={field.maximum ?? undefined}
          required={!field.optional}
          allowDecimal={field.type === "number"}
          decimalScale={MOST_DECIMALS}
          hideControls
          onChange={onChange}
        />
      );
    case "text":
      return field.choices ? (
        <Select
          {...shared}
          data={field.choices.map((choice) => ({ value: choice, label: choice.replaceAll("_", " ") }))}
          value={shown === "" ? null : String(shown)}
          placeholder={t("runs.automatic")}
          allowDeselect={false}
          clearable={field.optional}
          onChange={(choice) => onChange(choice ?? "")}
        />
      ) : (
        <TextInput {...shared} value={String(shown)} onChange={(event) => onChange(event.currentTarget.value)} />
      );
  }
}
