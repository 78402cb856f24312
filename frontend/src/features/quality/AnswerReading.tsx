import { Badge, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Markdown } from "@/shared/components/Markdown";
import { Pairs } from "@/shared/components/Pairs";
import { Panel } from "@/shared/components/Panel";
import type { AnswerDetail, DemonstrationPayload, RankingPayload } from "@/shared/api/types";

/** An answer as its author saw it. */
export function AnswerReading({ answer }: { answer: AnswerDetail }) {
  const { t } = useTranslation();
  const payload = answer.payload as Record<string, unknown>;
  if ("tiers" in payload) return <RankedTiers answer={answer} />;
  if ("completion" in payload) return <Demonstration payload={answer.payload as DemonstrationPayload} />;
  return (
    <Stack gap="md">
      <Pairs label={t("answers.answer")} values={payload} />
      {answer.completions.map(({ id, text }) => (
        <Panel key={id}>
          <Markdown text={text} keepLines />
        </Panel>
      ))}
    </Stack>
  );
}

function Demonstration({ payload }: { payload: DemonstrationPayload }) {
  return (
    <Panel>
      <Markdown text={payload.completion} keepLines />
    </Panel>
  );
}

/** Those who may read completions get their ids, where annotators get labels. */
type StoredRanking = Omit<RankingPayload, "tiers"> & { tiers: number[][] };

function RankedTiers({ answer }: { answer: AnswerDetail }) {
  const { t } = useTranslation();
  const payload = answer.payload as StoredRanking;
  return (
    <Stack gap="md">
      {payload.all_bad && (
        <Group>
          <Badge color="red" variant="light" tt="none">
            {t("command.all_bad")}
          </Badge>
        </Group>
      )}
      {payload.rationale && <Text>{payload.rationale}</Text>}
      {payload.tiers.map((tier, index) => (
        <Panel key={tier.join()} title={t(tier.length > 1 ? "ranking.rank_tied" : "ranking.rank", { rank: index + 1 })}>
          {tier.map((completionId) => {
            const completion = answer.completions.find(({ id }) => id === completionId);
            return (
              completion && (
                <Stack key={completionId} gap="xs">
                  <Group>
                    <Badge variant="light" tt="none">
                      {completion.source_label || completion.source_kind}
                    </Badge>
                  </Group>
                  <Markdown text={completion.text} keepLines />
                </Stack>
              )
            );
          })}
        </Panel>
      ))}
    </Stack>
  );
}
