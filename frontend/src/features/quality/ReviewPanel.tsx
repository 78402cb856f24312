import { Badge, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CommandButton } from "@/shared/components/CommandButton";
import { Panel } from "@/shared/components/Panel";
import { StateBadge } from "@/shared/components/StateBadge";
import { useFormat } from "@/shared/i18n/useFormat";
import type { AnswerDetail, Review } from "@/shared/api/types";
import { reviewCommands, type ReviewContext } from "./reviewCommands";

interface Props {
  answer: AnswerDetail;
  context: ReviewContext;
  mayReview: boolean;
  isOwn: boolean;
}

/** Where an answer stands, the ways to decide about it, and who decided what before. */
export function ReviewPanel({ answer, context, mayReview, isOwn }: Props) {
  const { t } = useTranslation();
  return (
    <Panel title={t("review.title")}>
      <Group gap="xs" aria-live="polite">
        <StateBadge state={answer.state} />
        {answer.is_spare && (
          <Badge color="yellow" variant="light" tt="none">
            {t("work.spare")}
          </Badge>
        )}
      </Group>
      {isOwn && (
        <Text size="sm" c="dimmed">
          {t("review.own")}
        </Text>
      )}
      {mayReview && !isOwn && (
        <Stack gap="xs">
          {reviewCommands.verdicts.map((command) => (
            <CommandButton
              key={command.name}
              command={command}
              context={context}
              justify="space-between"
              variant={command.name === "accept" ? "filled" : "default"}
            />
          ))}
        </Stack>
      )}
      {answer.reviews.length > 0 && (
        <Stack gap="sm" component="ol" m={0} p={0} style={{ listStyle: "none" }} aria-label={t("review.history")}>
          {answer.reviews.map((review) => (
            <PastReview key={review.id} review={review} />
          ))}
        </Stack>
      )}
    </Panel>
  );
}

function PastReview({ review }: { review: Review }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li>
      <Text size="sm" fw={500}>
        {t(`verdict.${review.verdict}`, { name: review.reviewer.name })}
      </Text>
      {review.reason && (
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {review.reason}
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {format.ago(review.created_at)}
      </Text>
    </li>
  );
}
