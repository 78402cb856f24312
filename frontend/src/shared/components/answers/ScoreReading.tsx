import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ScorePayload } from "@/shared/api/types";
import { CompletionCard } from "./CompletionCard";
import { FlagFacts } from "./FlagFacts";
import { Rationale } from "./Rationale";
import type { ReadingProps } from "./reading";

export function ScoreReading({ payload, config, completions }: ReadingProps) {
  const { t } = useTranslation();
  const { score, flags, rationale } = payload as unknown as ScorePayload;
  const scale = Number(config?.["scale"] ?? 0);
  return (
    <Stack gap="md">
      <Text fw={600}>
        {t("score.one")}: {scale > 0 ? t("rating.of_scale", { value: score, scale }) : score}
      </Text>
      <FlagFacts flags={flags} />
      <Rationale text={rationale} />
      {completions.map(({ label, text, source }) => (
        <CompletionCard key={label} label={t("conversation.completion")} text={text} tools={source} />
      ))}
    </Stack>
  );
}
