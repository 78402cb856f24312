import { Group, Select, Table, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { IconListCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkAnchor } from "@/shared/components/Links";
import { ProblemNotice } from "@/shared/components/Problem";
import { ProtocolSelect } from "@/shared/components/ProtocolSelect";
import { Rows } from "@/shared/components/Rows";
import { StateBadge } from "@/shared/components/StateBadge";
import type { Task } from "@/shared/api/types";
import { cancelTask, tasksOptions } from "./api";

const STATES = ["open", "closed", "cancelled"] as const;

export function TaskTable({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [state, setState] = useState<Task["state"] | null>("open");
  const [protocol, setProtocol] = useState<number>();
  const query = useInfiniteQuery(tasksOptions(projectId, { state: state ?? undefined, protocol }));
  const cancelling = useMutation({
    mutationFn: (task: Task) => cancelTask(projectId, task.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", projectId, "tasks"] }),
  });
  const columns = [
    t("tasks.column.prompt"),
    t("protocol.one"),
    t("tasks.column.answers"),
    t("tasks.priority"),
    t("tasks.column.state"),
    "",
  ];
  return (
    <>
      <Group gap="sm">
        <Select
          label={t("tasks.column.state")}
          placeholder={t("tasks.any_state")}
          clearable
          w={170}
          value={state}
          onChange={setState}
          data={STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
        />
        <ProtocolSelect projectId={projectId} w={240} value={protocol} onChange={setProtocol} />
      </Group>
      <ProblemNotice error={cancelling.error} />
      <Rows
        query={query}
        label={t("tasks.title")}
        columns={columns}
        empty={
          <EmptyState icon={IconListCheck} title={t("tasks.empty")}>
            {t("tasks.empty_detail")}
          </EmptyState>
        }
      >
        {(task) => (
          <Table.Tr key={task.id}>
            <Table.Td maw={380}>
              {task.prompt_id === null ? (
                <Text truncate>{task.excerpt}</Text>
              ) : (
                <LinkAnchor
                  to="/projects/$projectId/prompts/$promptId"
                  params={{ projectId, promptId: task.prompt_id }}
                  c="inherit"
                  display="block"
                  truncate
                >
                  {task.excerpt}
                </LinkAnchor>
              )}
            </Table.Td>
            <Table.Td>
              <Text size="sm">{task.protocol.name}</Text>
            </Table.Td>
            <Table.Td>{t("tasks.answers_of", { count: task.answers_count, required: task.required_answers })}</Table.Td>
            <Table.Td>{task.priority}</Table.Td>
            <Table.Td>
              <StateBadge state={task.state} />
            </Table.Td>
            <Table.Td ta="right">
              {task.state === "open" && (
                <ConfirmButton
                  color="gray"
                  label={t("tasks.cancel")}
                  question={t("tasks.cancel_question")}
                  detail={t("tasks.cancel_detail")}
                  onConfirm={() => cancelling.mutate(task)}
                />
              )}
            </Table.Td>
          </Table.Tr>
        )}
      </Rows>
    </>
  );
}
