import { Badge, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Conversation } from "@/shared/components/Conversation";
import { Loaded } from "@/shared/components/Loaded";
import { Markdown } from "@/shared/components/Markdown";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import { promptOptions } from "./api";

export function PromptDetail({ projectId, promptId }: { projectId: number; promptId: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(promptOptions(projectId, promptId));
  return (
    <Loaded query={query}>
      {(prompt) => (
        <Stack gap="lg">
          <Group gap="xs">
            <Badge variant="default" tt="none">
              {t(`split.${prompt.split}`)}
            </Badge>
            {prompt.language && (
              <Badge variant="default" tt="none">
                {prompt.language}
              </Badge>
            )}
            <Text size="sm" c="dimmed">
              {t("prompts.answers_count", { count: prompt.answers_count, shown: format.integer(prompt.answers_count) })}{" "}
              · {format.dateTime(prompt.created_at)}
            </Text>
          </Group>
          <Conversation messages={prompt.messages} />
          {prompt.completions.length === 0 && <Text c="dimmed">{t("prompts.no_completions")}</Text>}
          {prompt.completions.map((completion) => (
            <Panel key={completion.id}>
              <Group gap="xs">
                <Badge variant="light" tt="none">
                  {completion.source_label || completion.source_kind}
                </Badge>
              </Group>
              <Markdown text={completion.text} keepLines />
            </Panel>
          ))}
        </Stack>
      )}
    </Loaded>
  );
}
