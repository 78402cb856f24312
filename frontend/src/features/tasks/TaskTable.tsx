import { Button, Group, Select } from "@mantine/core";
import { useDisclosure, useMap } from "@mantine/hooks";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { IconListCheck, IconUserCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { ProblemNotice } from "@/shared/components/Problem";
import { ProtocolSelect } from "@/shared/components/ProtocolSelect";
import { Rows } from "@/shared/components/Rows";
import type { Task } from "@/shared/api/types";
import { AssignDialog } from "./AssignDialog";
import { cancelTask, tasksOptions } from "./api";
import { AskForPrompts } from "./AskForPrompts";
import { TaskRow } from "./TaskRow";
import { useMembers } from "@/shared/hooks/useMembers";

const STATES = ["open", "closed", "cancelled"] as const;

export function TaskTable({ projectId, mayManage }: { projectId: number; mayManage: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [state, setState] = useState<Task["state"] | null>("open");
  const [protocol, setProtocol] = useState<number>();
  const query = useInfiniteQuery(tasksOptions(projectId, { state: state ?? undefined, protocol }));
  const cancelling = useMutation({
    mutationFn: (task: Task) => cancelTask(projectId, task.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", projectId, "tasks"] }),
  });
  const chosen = useMap<number, Task>();
  const [assigning, dialog] = useDisclosure();
  const names = new Map(useMembers(projectId).map(({ user }) => [user.id, user.name]));
  const chosenProtocol = [...chosen.values()][0]?.protocol.id;
  const choose = (task: Task) => (chosen.has(task.id) ? chosen.delete(task.id) : chosen.set(task.id, task));
  const columns = [
    ...(mayManage ? [""] : []),
    t("tasks.column.prompt"),
    t("tasks.column.answers"),
    t("tasks.priority"),
    t("tasks.column.for"),
    t("tasks.column.state"),
    "",
  ];
  return (
    <>
      <Group gap="sm" align="flex-end">
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
        {mayManage && (
          <Group gap="sm" ml="auto">
            <AskForPrompts projectId={projectId} />
            <Button variant="default" leftSection={<IconUserCheck size={16} />} onClick={dialog.open}>
              {chosen.size === 0 ? t("tasks.assign_by_filter") : t("tasks.assign_chosen", { count: chosen.size })}
            </Button>
          </Group>
        )}
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
          <TaskRow
            key={task.id}
            projectId={projectId}
            task={task}
            names={names}
            choice={
              mayManage
                ? {
                    isChosen: chosen.has(task.id),
                    isOpen: (chosenProtocol ?? task.protocol.id) === task.protocol.id,
                    onChange: () => choose(task),
                  }
                : undefined
            }
            onCancel={mayManage ? () => cancelling.mutate(task) : undefined}
          />
        )}
      </Rows>
      {mayManage && (
        <AssignDialog
          key={String(assigning)}
          projectId={projectId}
          tasks={[...chosen.values()]}
          opened={assigning}
          onClose={dialog.close}
          onDone={() => chosen.clear()}
        />
      )}
    </>
  );
}
