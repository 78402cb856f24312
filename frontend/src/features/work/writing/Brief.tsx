import { Badge, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useNamed } from "@/shared/components/answers/useNamed";
import { Markdown } from "@/shared/components/Markdown";
import { Panel } from "@/shared/components/Panel";
import type { PromptStyle } from "@/shared/api/protocolConfig";
import type { Claim } from "@/shared/api/types";

interface Props {
  brief: Claim["brief"];
  style: PromptStyle;
}

/** What kind of prompt is wanted. */
export function Brief({ brief, style }: Props) {
  const { t } = useTranslation();
  const named = useNamed();
  return (
    <Panel title={t("prompting.brief")}>
      <Stack gap="sm">
        <Group gap="xs">
          <Badge variant="light" tt="none" size="lg">
            {t(`prompt_style.${style}`)}
          </Badge>
          {brief?.use_case && (
            <Badge variant="default" tt="none" size="lg">
              {named(brief.use_case)}
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          {t(`prompting.style_hint.${style}`)}
        </Text>
        {brief?.text && <Markdown text={brief.text} keepLines />}
      </Stack>
    </Panel>
  );
}
