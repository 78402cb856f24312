import { Button, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { Rows } from "@/shared/components/Rows";
import { isFinal } from "@/shared/api/live";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Import } from "@/shared/api/types";
import { rejectionsOptions } from "./api";
import { LEFT_OUT_COLUMNS, LeftOutCells } from "./LeftOutTable";

export function RejectionTable({ projectId, row }: { projectId: number; row: Import }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery({ ...rejectionsOptions(projectId, row.id), enabled: isFinal(row.state) });
  if (!isFinal(row.state)) return null;
  const counted = { ...row.rejected_by_reason, ...row.skipped_by_reason };
  const reasons = Object.entries(counted).map(([reason, count]) => `${reason} ${format.integer(count)}`);
  if (reasons.length === 0 && query.data?.length === 0) return <Text c="dimmed">{t("imports.none_rejected")}</Text>;
  const columns = LEFT_OUT_COLUMNS.map((column) => t(`imports.column.${column}`));
  const file = `/api/projects/${projectId}/imports/${row.id}/rejections`;
  const look = { component: "a", download: true, variant: "default", leftSection: <IconDownload size={16} /> } as const;
  return (
    <Panel
      title={t("imports.rejections")}
      description={reasons.join(" · ")}
      actions={
        <>
          <Button {...look} href={`${file}.csv`}>
            {t("imports.csv")}
          </Button>
          <Button {...look} href={`${file}.jsonl`}>
            {t("dry_run.jsonl")}
          </Button>
        </>
      }
    >
      <Rows
        query={query}
        label={t("imports.rejections")}
        columns={columns}
        empty={<Text c="dimmed">{t("imports.none_rejected")}</Text>}
      >
        {(left) => <LeftOutCells key={left.id} row={left} />}
      </Rows>
    </Panel>
  );
}
