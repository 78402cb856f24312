import { Button, Group, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useNamed } from "@/shared/components/answers/useNamed";
import type { PromptConfig } from "@/shared/api/protocolConfig";
import type { Brief } from "./briefs";

/** As long as the server takes them. */
const MOST_CHARACTERS = { text: 5_000, use_case: 500 };

interface Props {
  number: number;
  config: PromptConfig;
  value: Brief;
  onChange: (brief: Brief) => void;
  /** None where it is the only one. */
  onRemove: (() => void) | undefined;
}

export function BriefFields({ number, config, value, onChange, onRemove }: Props) {
  const { t } = useTranslation();
  const named = useNamed();
  return (
    <Stack gap="sm" role="group" aria-label={t("briefs.one", { number })}>
      <Group justify="space-between" mih={30}>
        <Text fw={600}>{t("briefs.one", { number })}</Text>
        {onRemove && (
          <Button size="xs" variant="subtle" color="gray" onClick={onRemove}>
            {t("briefs.remove", { number })}
          </Button>
        )}
      </Group>
      <Group grow align="flex-start">
        <Select
          label={t("prompting.style")}
          description={t(`prompting.style_hint.${value.style}`)}
          allowDeselect={false}
          data={config.styles.map((style) => ({ value: style, label: t(`prompt_style.${style}`) }))}
          value={value.style}
          onChange={(style) => style && onChange({ ...value, style })}
        />
        {config.use_cases.length > 0 ? (
          <Select
            label={t("rating.use_case")}
            description={t("briefs.use_case_hint")}
            placeholder={t("briefs.any_use_case")}
            clearable
            searchable
            data={config.use_cases.map((name) => ({ value: name, label: named(name) }))}
            value={value.use_case || null}
            onChange={(use_case) => onChange({ ...value, use_case: use_case ?? "" })}
          />
        ) : (
          <TextInput
            label={t("rating.use_case")}
            description={t("briefs.use_case_hint")}
            placeholder={t("briefs.any_use_case")}
            maxLength={MOST_CHARACTERS.use_case}
            value={value.use_case}
            onChange={(event) => onChange({ ...value, use_case: event.currentTarget.value })}
          />
        )}
      </Group>
      <Textarea
        label={t("briefs.text")}
        description={t("briefs.text_hint")}
        dir="auto"
        autosize
        minRows={2}
        maxRows={10}
        maxLength={MOST_CHARACTERS.text}
        value={value.text}
        onChange={(event) => onChange({ ...value, text: event.currentTarget.value })}
      />
    </Stack>
  );
}
