import { Badge, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Task } from "@/shared/api/types";

const NAMED = 2;

/** Whom a task is for: a team, some people, or nobody in particular. */
export function ForWhom({ task, names }: { task: Task; names: ReadonlyMap<number, string> }) {
  const { t } = useTranslation();
  if (task.assigned_to !== null) {
    const people = task.assigned_to.map((id) => names.get(id) ?? t("tasks.whom.somebody"));
    const more = people.length - NAMED;
    return (
      <Text size="sm" title={people.join(", ")}>
        {people.slice(0, NAMED).join(", ")}
        {more > 0 && ` ${t("tasks.whom.more", { count: more })}`}
      </Text>
    );
  }
  if (task.team) {
    return (
      <Badge variant="default" tt="none">
        {task.team}
      </Badge>
    );
  }
  return (
    <Text size="sm" c="dimmed">
      {t("tasks.whom.everybody")}
    </Text>
  );
}
