import { Badge, Group, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { PromptPayload } from "@/shared/api/types";
import { Conversation } from "../Conversation";
import type { ReadingProps } from "./reading";
import { useNamed } from "./useNamed";

export function PromptReading({ payload }: ReadingProps) {
  const { t } = useTranslation();
  const named = useNamed();
  const { style, text, shots, use_case } = payload as unknown as PromptPayload;
  return (
    <Stack gap="md">
      <Group gap="xs">
        <Badge variant="light" tt="none">
          {t(`prompt_style.${style}`)}
        </Badge>
        {use_case && (
          <Badge variant="default" tt="none">
            {named(use_case)}
          </Badge>
        )}
      </Group>
      <Conversation messages={[{ role: "user", content: text }]} />
      {shots.map(({ query, completion }, index) => (
        <Conversation
          key={index}
          label={t("prompting.shot", { number: index + 1 })}
          messages={[
            { role: "user", content: query },
            { role: "assistant", content: completion },
          ]}
        />
      ))}
    </Stack>
  );
}
