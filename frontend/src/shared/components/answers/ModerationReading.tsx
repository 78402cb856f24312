import { Badge, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ModerationPayload } from "@/shared/api/types";
import { CompletionCard } from "./CompletionCard";
import { Rationale } from "./Rationale";
import type { ReadingProps } from "./reading";
import { useCategoryName } from "./useCategoryName";

/** What was said yes to, how bad it is, and what was said no to or left unknown. */
export function ModerationReading({ payload, completions }: ReadingProps) {
  const { t } = useTranslation();
  const named = useCategoryName();
  const { verdicts, unknown, severity, rationale } = payload as unknown as ModerationPayload;
  const said = (holds: boolean) => Object.keys(verdicts).filter((name) => verdicts[name] === holds);
  const level = (name: string) => {
    const value = severity[name];
    return value === undefined ? "" : ` · ${t(`moderation.severity_${value as 1 | 2 | 3}`)}`;
  };
  const listed = (names: readonly string[]) => names.map(named).join(", ");
  return (
    <Stack gap="md">
      {said(true).length === 0 ? (
        <Text>{t("moderation.said_none")}</Text>
      ) : (
        <Group gap={6}>
          {said(true).map((name) => (
            <Badge key={name} variant="light" color="red" tt="none">
              {named(name)}
              {level(name)}
            </Badge>
          ))}
        </Group>
      )}
      {said(false).length > 0 && (
        <Text size="sm" c="dimmed">
          {t("moderation.said_no", { names: listed(said(false)) })}
        </Text>
      )}
      {unknown.length > 0 && (
        <Text size="sm" c="dimmed">
          {t("moderation.said_unknown", { names: listed(unknown) })}
        </Text>
      )}
      <Rationale text={rationale} />
      {completions.map(({ label, text, source }) => (
        <CompletionCard key={label} label={t("conversation.completion")} text={text} tools={source} />
      ))}
    </Stack>
  );
}
