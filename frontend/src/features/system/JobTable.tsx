import { Button, Select, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconServer2 } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { Rows } from "@/shared/components/Rows";
import { StateBadge } from "@/shared/components/StateBadge";
import { useFormat } from "@/shared/i18n/useFormat";
import type { SystemJob } from "@/shared/api/types";
import { jobsOptions, retryJob } from "./api";

const STATES = ["queued", "running", "done", "failed", "cancelled"] as const;

export function JobTable() {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const [state, setState] = useState<SystemJob["state"] | null>(null);
  const query = useQuery(jobsOptions(state ?? undefined));
  const retrying = useMutation({
    mutationFn: retryJob,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["system", "jobs"] }),
  });
  const columns = [
    t("system.column.job"),
    t("nav.project"),
    t("imports.column.state"),
    t("system.column.attempt"),
    t("system.column.beat"),
    "",
  ];
  const name = (job: SystemJob) => `${t(`system.kind.${job.kind}`)} ${job.id.split("-").at(-1) ?? ""}`;
  return (
    <Panel
      title={t("system.jobs")}
      actions={
        <Select
          aria-label={t("imports.column.state")}
          placeholder={t("tasks.any_state")}
          clearable
          w={180}
          value={state}
          onChange={setState}
          data={STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
        />
      }
    >
      <ProblemNotice error={retrying.error} />
      <Rows
        query={query}
        label={t("system.jobs")}
        columns={columns}
        empty={
          <EmptyState icon={IconServer2} title={t("system.jobs_empty")}>
            {t("system.jobs_empty_detail")}
          </EmptyState>
        }
      >
        {(job) => (
          <Table.Tr key={job.id}>
            <Table.Td maw={360}>
              <Text size="sm" fw={500}>
                {name(job)}
              </Text>
              {job.error && (
                <Text size="xs" c="red" lineClamp={2} title={job.error}>
                  {job.error}
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              <Text size="sm">{job.project.name}</Text>
            </Table.Td>
            <Table.Td>
              <StateBadge state={job.state} />
            </Table.Td>
            <Table.Td>{format.integer(job.attempt)}</Table.Td>
            <Table.Td>
              <Text size="sm">{format.ago(job.heartbeat_at ?? job.created_at)}</Text>
            </Table.Td>
            <Table.Td ta="right">
              {(job.state === "failed" || job.state === "cancelled") && (
                <Button size="xs" variant="default" onClick={() => retrying.mutate(job.id)}>
                  {t("action.retry")}
                </Button>
              )}
            </Table.Td>
          </Table.Tr>
        )}
      </Rows>
    </Panel>
  );
}
