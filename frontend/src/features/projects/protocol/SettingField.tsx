import { Checkbox, MultiSelect, NumberInput, Select, TagsInput, Textarea } from "@mantine/core";
import type { ReactNode } from "react";
import type { Setting } from "@/shared/api/types";
import { plain } from "./useWording";

interface Props {
  setting: Setting;
  label: string;
  hint: string;
  value: unknown;
  error: ReactNode;
  onChange: (value: unknown) => void;
}

/** The field that fits a setting's type: one editor for every kind of work, those to come included. */
export function SettingField({ setting, label, hint, value, error, onChange }: Props) {
  const shown = { label, description: hint, error };
  const choices = setting.choices?.map((choice) => ({ value: choice, label: plain(choice) })) ?? [];
  switch (setting.type) {
    case "switch":
      return (
        <Checkbox {...shown} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
      );
    case "number":
      return (
        <NumberInput
          {...shown}
          required
          allowDecimal={false}
          min={setting.minimum}
          max={setting.maximum}
          value={Number(value)}
          onChange={(number) => onChange(number === "" ? undefined : Number(number))}
        />
      );
    case "text":
      return (
        <Textarea
          {...shown}
          dir="auto"
          autosize
          minRows={2}
          maxRows={8}
          maxLength={setting.maximum_characters}
          value={String(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "choice":
      return <Select {...shown} allowDeselect={false} data={choices} value={String(value)} onChange={onChange} />;
    case "names": {
      const names = Array.isArray(value) ? value.map(String) : [];
      return choices.length > 0 ? (
        <MultiSelect {...shown} data={choices} value={names} onChange={onChange} />
      ) : (
        <TagsInput {...shown} maxTags={setting.maximum} splitChars={[",", "\n"]} value={names} onChange={onChange} />
      );
    }
  }
}
