import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useNamed } from "@/shared/components/answers/useNamed";
import { LinkAnchor } from "@/shared/components/Links";
import { PROMPT_STYLES } from "@/shared/api/protocolConfig";
import type { Task } from "@/shared/api/types";

/** What a task is about: the prompt's last words, or what a prompt is wanted for. */
export function TaskSubject({ projectId, task }: { projectId: number; task: Task }) {
  const { t } = useTranslation();
  const named = useNamed();
  if (task.prompt_id !== null) {
    return (
      <LinkAnchor
        to="/projects/$projectId/prompts/$promptId"
        params={{ projectId, promptId: task.prompt_id }}
        c="inherit"
        display="block"
        truncate
      >
        {task.excerpt}
      </LinkAnchor>
    );
  }
  const style = PROMPT_STYLES.find((known) => known === task.brief?.style);
  const wanted = [
    style && t(`prompt_style.${style}`),
    task.brief?.use_case && named(task.brief.use_case),
    task.language,
  ];
  return (
    <>
      {task.excerpt && (
        <Text truncate dir="auto">
          {task.excerpt}
        </Text>
      )}
      <Text size="sm" c="dimmed" truncate>
        {wanted.filter(Boolean).join(" · ")}
      </Text>
    </>
  );
}
