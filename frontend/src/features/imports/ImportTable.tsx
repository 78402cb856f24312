import { Badge, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconFileImport } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkAnchor } from "@/shared/components/Links";
import { Rows } from "@/shared/components/Rows";
import { StateBadge } from "@/shared/components/StateBadge";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Import } from "@/shared/api/types";
import { importsOptions } from "./api";

/** Counts fill up as the job goes on. */
const count = (row: Import, name: keyof Import["counts"]) => row.counts[name] ?? 0;

export function ImportTable({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery(importsOptions(projectId));
  const columns = [
    t("imports.file"),
    t("imports.column.state"),
    t("imports.column.read"),
    t("imports.column.rejected"),
    t("imports.column.when"),
  ];
  return (
    <Rows
      query={query}
      label={t("imports.title")}
      columns={columns}
      empty={
        <EmptyState icon={IconFileImport} title={t("imports.empty")}>
          {t("imports.empty_detail")}
        </EmptyState>
      }
    >
      {(row) => (
        <Table.Tr key={row.id}>
          <Table.Td maw={320}>
            <LinkAnchor
              to="/projects/$projectId/imports/$importId"
              params={{ projectId, importId: row.id }}
              display="block"
              truncate
            >
              {row.file_name}
            </LinkAnchor>
          </Table.Td>
          <Table.Td>
            {row.is_dry_run ? (
              <Badge color="yellow" variant="light" tt="none" fw={600}>
                {t("dry_run.unconfirmed")}
              </Badge>
            ) : (
              <StateBadge state={row.state} />
            )}
          </Table.Td>
          <Table.Td>{format.integer(count(row, "read"))}</Table.Td>
          <Table.Td>{format.integer(count(row, "rejected"))}</Table.Td>
          <Table.Td>
            <Text size="sm">{format.ago(row.created_at)}</Text>
          </Table.Td>
        </Table.Tr>
      )}
    </Rows>
  );
}
