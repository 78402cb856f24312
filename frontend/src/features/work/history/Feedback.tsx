import { Badge, Group, Text, type MantineColor } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { MyAnswer } from "@/shared/api/types";

const COLORS = { accepted: "moss", returned: "yellow", struck: "gray" } satisfies Record<string, MantineColor>;

/** What a reviewer has said to an answer; nothing before one has. */
export function Feedback({ answer }: { answer: MyAnswer }) {
  const { t } = useTranslation();
  if (answer.state === "submitted") return null;
  return (
    <Group gap="xs" mt={4}>
      <Badge color={COLORS[answer.state]} variant="light" tt="none" flex="none">
        {t(`work.feedback.${answer.state}`)}
      </Badge>
      {answer.review_note && (
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {answer.review_note}
        </Text>
      )}
    </Group>
  );
}
