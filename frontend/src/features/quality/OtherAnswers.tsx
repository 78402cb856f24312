import { Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { LinkAnchor } from "@/shared/components/Links";
import { Panel } from "@/shared/components/Panel";
import { StateBadge } from "@/shared/components/StateBadge";
import { useFormat } from "@/shared/i18n/useFormat";
import type { AnswerDetail } from "@/shared/api/types";
import type { AnswerFilter } from "./answerFilter";

interface Props {
  projectId: number;
  answer: AnswerDetail;
  filter: AnswerFilter;
}

/** How far this answer agrees with the others to its task, and each of those. */
export function OtherAnswers({ projectId, answer, filter }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const percent = (share: number | null) => (share === null ? "–" : format.percent(share));
  return (
    <Panel title={t("answers.column.agreement")}>
      <Text fz={26} fw={600} lh={1}>
        {percent(answer.agreement)}
      </Text>
      <Text size="sm" c="dimmed">
        {t(
          answer.others.length === 0
            ? "review.alone"
            : answer.agreement === null
              ? "review.not_compared"
              : "review.with_others",
        )}
      </Text>
      {answer.others.length > 0 && (
        <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: "none" }} aria-label={t("review.others")}>
          {answer.others.map((other) => (
            <Group key={other.id} component="li" justify="space-between" gap="xs" wrap="nowrap">
              <LinkAnchor
                to="/projects/$projectId/answers/$answerId"
                params={{ projectId, answerId: other.id }}
                search={filter}
                size="sm"
                truncate
              >
                {other.annotator.name}
              </LinkAnchor>
              <Group gap={6} wrap="nowrap">
                {other.state !== "submitted" && <StateBadge state={other.state} />}
                <Text size="sm">{percent(other.agreement)}</Text>
              </Group>
            </Group>
          ))}
        </Stack>
      )}
    </Panel>
  );
}
