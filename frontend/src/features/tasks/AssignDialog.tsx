import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "@/shared/components/announcer";
import { ProblemNotice } from "@/shared/components/Problem";
import type { Task } from "@/shared/api/types";
import { assignTasks, unassignTasks, type ChosenTasks } from "./api";
import { TaskFilterFields, type TaskFilter } from "./TaskFilterFields";
import { EVERYBODY, WhomFields, isNobody, type Whom } from "./WhomFields";

interface Props {
  projectId: number;
  /** Of one protocol; none means that the form asks which. */
  tasks: readonly Task[];
  opened: boolean;
  onClose: () => void;
  onDone: () => void;
}

export function AssignDialog({ projectId, tasks, opened, onClose, onDone }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [filter, setFilter] = useState<TaskFilter>({});
  const [whom, setWhom] = useState<Whom>(EVERYBODY);
  const first = tasks[0];
  const chosen = first ? { protocol: first.protocol.id, tasks: tasks.map((task) => task.id) } : complete(filter);
  const assigning = useMutation({
    mutationFn: (chosen: ChosenTasks) => send(projectId, chosen, whom),
    onSuccess: ({ tasks, own_texts }) => {
      const said = t(whom.is === "everybody" ? "tasks.unassigned" : "tasks.assigned", { count: tasks });
      announce(own_texts > 0 ? `${said} ${t("tasks.own_texts", { count: own_texts })}` : said);
      onClose();
      onDone();
      return queries.invalidateQueries({ queryKey: ["project", projectId, "tasks"] });
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (chosen) assigning.mutate(chosen);
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t("tasks.assign_title")}>
      <form onSubmit={submit}>
        <Stack>
          <ProblemNotice error={assigning.error} />
          {first ? (
            <Text size="sm">{t("tasks.chosen", { count: tasks.length, protocol: first.protocol.name })}</Text>
          ) : (
            <TaskFilterFields projectId={projectId} value={filter} onChange={setFilter} />
          )}
          <WhomFields projectId={projectId} value={whom} onChange={setWhom} />
          <Group justify="flex-end">
            <Button type="submit" loading={assigning.isPending} disabled={!chosen || isNobody(whom)}>
              {t("tasks.assign")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function complete({ protocol, ...rest }: TaskFilter): ChosenTasks | undefined {
  return protocol === undefined ? undefined : { protocol, ...rest };
}

function send(projectId: number, chosen: ChosenTasks, whom: Whom) {
  if (whom.is === "everybody") return unassignTasks(projectId, chosen);
  if (whom.is === "team") return assignTasks(projectId, { ...chosen, team: whom.team.trim(), each: "all" });
  return assignTasks(projectId, { ...chosen, people: whom.people, each: whom.dealt ? "split" : "all" });
}
