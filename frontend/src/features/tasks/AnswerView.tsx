import { Badge, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Conversation } from "@/shared/components/Conversation";
import { Loaded } from "@/shared/components/Loaded";
import { Markdown } from "@/shared/components/Markdown";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import type { AnswerDetail, DemonstrationPayload, RankingPayload } from "@/shared/api/types";
import { answerOptions } from "./api";

export function AnswerView({ projectId, answerId }: { projectId: number; answerId: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(answerOptions(projectId, answerId));
  return (
    <Loaded query={query}>
      {(answer) => (
        <Stack gap="lg">
          <Text c="dimmed">
            {[
              answer.annotator.name,
              answer.protocol.name,
              format.dateTime(answer.submitted_at),
              answer.seconds === null ? null : format.duration(answer.seconds),
            ]
              .filter(Boolean)
              .join(" · ")}
          </Text>
          <Conversation messages={answer.messages} />
          <Title order={2}>{t("answers.answer")}</Title>
          {answer.protocol.kind === "ranking" ? (
            <RankedTiers answer={answer} />
          ) : (
            <Demonstration payload={answer.payload as DemonstrationPayload} />
          )}
        </Stack>
      )}
    </Loaded>
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
