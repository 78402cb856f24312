import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { LabelsPayload } from "@/shared/api/types";
import { CompletionCard } from "./CompletionCard";
import { FlagFacts } from "./FlagFacts";
import { Rationale } from "./Rationale";
import type { ReadingProps } from "./reading";

export function LabelsReading({ payload, completions }: ReadingProps) {
  const { t } = useTranslation();
  const { labels, rationale } = payload as unknown as LabelsPayload;
  return (
    <Stack gap="md">
      <FlagFacts flags={Object.fromEntries(labels.map((name) => [name, true]))} />
      <Rationale text={rationale} />
      {completions.map(({ label, text, source }) => (
        <CompletionCard key={label} label={t("conversation.completion")} text={text} tools={source} />
      ))}
    </Stack>
  );
}
