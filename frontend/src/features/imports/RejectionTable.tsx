import { Button, Code, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { Rows } from "@/shared/components/Rows";
import { isFinal } from "@/shared/api/live";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Import } from "@/shared/api/types";
import { rejectionsOptions } from "./api";

export function RejectionTable({ projectId, row }: { projectId: number; row: Import }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery({ ...rejectionsOptions(projectId, row.id), enabled: isFinal(row.state) });
  if (!isFinal(row.state)) return null;
  const reasons = Object.entries(row.rejected_by_reason).map(([reason, count]) => `${reason} ${format.integer(count)}`);
  if (reasons.length === 0 && query.data?.length === 0) return <Text c="dimmed">{t("imports.none_rejected")}</Text>;
  const columns = [
    t("imports.column.line"),
    t("imports.column.field"),
    t("imports.column.reason"),
    t("imports.column.excerpt"),
  ];
  const csv = `/api/projects/${projectId}/imports/${row.id}/rejections.csv`;
  return (
    <Panel
      title={t("imports.rejections")}
      description={reasons.join(" · ")}
      actions={
        <Button component="a" href={csv} download variant="default" leftSection={<IconDownload size={16} />}>
          {t("imports.csv")}
        </Button>
      }
    >
      <Rows
        query={query}
        label={t("imports.rejections")}
        columns={columns}
        empty={<Text c="dimmed">{t("imports.none_rejected")}</Text>}
      >
        {(rejection) => (
          <Table.Tr key={`${rejection.line}:${rejection.field}:${rejection.reason}`}>
            <Table.Td>{format.integer(rejection.line)}</Table.Td>
            <Table.Td>{rejection.field && <Code>{rejection.field}</Code>}</Table.Td>
            <Table.Td maw={320}>
              <Text size="sm">{rejection.message || rejection.reason}</Text>
            </Table.Td>
            <Table.Td maw={320}>
              <Text size="sm" c="dimmed" ff="monospace" truncate title={rejection.excerpt}>
                {rejection.excerpt}
              </Text>
            </Table.Td>
          </Table.Tr>
        )}
      </Rows>
    </Panel>
  );
}
