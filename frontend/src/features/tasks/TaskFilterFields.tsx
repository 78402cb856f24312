import { Group, NumberInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ProtocolSelect } from "@/shared/components/ProtocolSelect";

export interface TaskFilter {
  protocol?: number;
  language?: string;
  tag?: string;
  text?: string;
  count?: number;
}

interface Props {
  projectId: number;
  value: TaskFilter;
  onChange: (filter: TaskFilter) => void;
}

/** Which open tasks of a protocol; what stays empty narrows nothing. */
export function TaskFilterFields({ projectId, value, onChange }: Props) {
  const { t } = useTranslation();
  const text = (name: "language" | "tag" | "text") => ({
    label: t(`tasks.filter.${name}`),
    value: value[name] ?? "",
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ ...value, [name]: event.currentTarget.value || undefined }),
  });
  return (
    <>
      <ProtocolSelect
        projectId={projectId}
        required
        value={value.protocol}
        onChange={(protocol) => onChange({ ...value, protocol })}
      />
      <TextInput {...text("text")} />
      <Group grow align="flex-start">
        <TextInput {...text("language")} />
        <TextInput {...text("tag")} />
        <NumberInput
          label={t("tasks.filter.count")}
          placeholder={t("tasks.filter.all")}
          min={1}
          allowDecimal={false}
          value={value.count ?? ""}
          onChange={(count) => onChange({ ...value, count: count === "" ? undefined : Number(count) })}
        />
      </Group>
    </>
  );
}
