import { Badge, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Flags, OutputFacts, RankingPayload } from "@/shared/api/types";
import { CompletionCard } from "./CompletionCard";
import { FlagFacts } from "./FlagFacts";
import { Rationale } from "./Rationale";
import type { ReadingProps } from "./reading";
import { useNamed } from "./useNamed";

/** Those who may know completions get their ids where annotators get labels. */
type Stored = Omit<RankingPayload, "tiers"> & { tiers: (string | number)[][] };

export function RankingReading({ payload, config, completions }: ReadingProps) {
  const { t } = useTranslation();
  const named = useNamed();
  const { tiers, all_bad, rationale, prompt_flags, use_case, outputs } = payload as unknown as Stored;
  const rankOf = (label: string) => tiers.findIndex((tier) => tier.map(String).includes(label));
  const order = tiers
    .map((tier) => tier.map((label) => numberOf(String(label), completions)).join(" = "))
    .join("  >  ");
  return (
    <Stack gap="md">
      <Group gap="sm">
        <Text fw={600} aria-label={t("answers.order")}>
          {order}
        </Text>
        {all_bad && (
          <Badge color="red" variant="light" tt="none">
            {t("command.all_bad")}
          </Badge>
        )}
        {use_case && (
          <Badge variant="light" tt="none">
            {named(use_case)}
          </Badge>
        )}
      </Group>
      {prompt_flags && <FlagFacts flags={prompt_flags} />}
      <Rationale text={rationale} />
      {completions.map(({ label, text, source }, index) => {
        const rank = rankOf(label);
        const isTied = (tiers[rank]?.length ?? 0) > 1;
        return (
          <CompletionCard
            key={label}
            name={String(index + 1)}
            label={t("ranking.completion", { number: index + 1 })}
            text={text}
            note={t(isTied ? "ranking.rank_tied" : "ranking.rank", { rank: rank + 1 })}
            tools={source}
          >
            {outputs?.[label] && <OutputReading facts={outputs[label]} scale={Number(config?.["rating_scale"] ?? 0)} />}
          </CompletionCard>
        );
      })}
    </Stack>
  );
}

/** The rating and the flags of one completion. */
export function OutputReading({ facts, scale }: { facts: OutputFacts; scale: number }) {
  const { t } = useTranslation();
  const { overall_quality: quality, ...flags } = facts;
  return (
    <Stack gap={6}>
      {typeof quality === "number" && (
        <Text size="sm" fw={500}>
          {t("rating.overall_quality")}: {scale > 0 ? t("rating.of_scale", { value: quality, scale }) : quality}
        </Text>
      )}
      <FlagFacts flags={flags as Flags} />
    </Stack>
  );
}

const numberOf = (label: string, completions: ReadingProps["completions"]) =>
  completions.findIndex((completion) => completion.label === label) + 1;
