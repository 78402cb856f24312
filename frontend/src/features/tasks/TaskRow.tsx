import { Checkbox, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { StateBadge } from "@/shared/components/StateBadge";
import type { Task } from "@/shared/api/types";
import { ForWhom } from "./ForWhom";
import { TaskSubject } from "./TaskSubject";

interface Props {
  projectId: number;
  task: Task;
  names: ReadonlyMap<number, string>;
  /** Left out for who may not assign tasks. Tasks of one protocol are assigned at a time. */
  choice?: { isChosen: boolean; isOpen: boolean; onChange: () => void } | undefined;
  onCancel?: (() => void) | undefined;
}

export function TaskRow({ projectId, task, names, choice, onCancel }: Props) {
  const { t } = useTranslation();
  return (
    <Table.Tr>
      {choice && (
        <Table.Td w={36}>
          <Checkbox
            aria-label={t("tasks.choose", { id: task.id })}
            checked={choice.isChosen}
            disabled={task.state !== "open" || !choice.isOpen}
            onChange={choice.onChange}
          />
        </Table.Td>
      )}
      <Table.Td maw={360}>
        <TaskSubject projectId={projectId} task={task} />
        <Text size="xs" c="dimmed" truncate>
          {task.protocol.name}
        </Text>
      </Table.Td>
      <Table.Td>{t("tasks.answers_of", { count: task.answers_count, required: task.required_answers })}</Table.Td>
      <Table.Td>{task.priority}</Table.Td>
      <Table.Td maw={200}>
        <ForWhom task={task} names={names} />
      </Table.Td>
      <Table.Td miw={110}>
        <StateBadge state={task.state} />
      </Table.Td>
      <Table.Td ta="right">
        {onCancel && task.state === "open" && (
          <ConfirmButton
            color="gray"
            label={t("tasks.cancel")}
            question={t("tasks.cancel_question")}
            detail={t("tasks.cancel_detail")}
            onConfirm={onCancel}
          />
        )}
      </Table.Td>
    </Table.Tr>
  );
}
