import { Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconChartDots } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkAnchor, LinkButton } from "@/shared/components/Links";
import { Rows } from "@/shared/components/Rows";
import { StateBadge } from "@/shared/components/StateBadge";
import { useFormat } from "@/shared/i18n/useFormat";
import { runsOptions } from "./api";

export function RunTable({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery(runsOptions(projectId));
  const columns = [
    t("runs.column.run"),
    t("runs.stage"),
    t("runs.release"),
    t("imports.column.state"),
    t("runs.column.progress"),
    t("imports.column.when"),
  ];
  return (
    <Rows
      query={query}
      label={t("runs.title")}
      columns={columns}
      empty={
        <EmptyState
          icon={IconChartDots}
          title={t("runs.empty")}
          action={
            <LinkButton to="/projects/$projectId/releases" params={{ projectId }} variant="default">
              {t("releases.title")}
            </LinkButton>
          }
        >
          {t("runs.empty_detail")}
        </EmptyState>
      }
    >
      {(run) => (
        <Table.Tr key={run.id}>
          <Table.Td>
            <LinkAnchor to="/projects/$projectId/runs/$runId" params={{ projectId, runId: run.id }}>
              {t("runs.one", { id: run.id })}
            </LinkAnchor>
          </Table.Td>
          <Table.Td>
            <Text size="sm">{t(`stage.${run.stage}`)}</Text>
          </Table.Td>
          <Table.Td>
            <Text size="sm">{run.release.name}</Text>
          </Table.Td>
          <Table.Td>
            <StateBadge state={run.state} />
          </Table.Td>
          <Table.Td>{run.progress_total > 0 && format.percent(run.progress_done / run.progress_total)}</Table.Td>
          <Table.Td>
            <Text size="sm">{format.ago(run.created_at)}</Text>
          </Table.Td>
        </Table.Tr>
      )}
    </Rows>
  );
}
