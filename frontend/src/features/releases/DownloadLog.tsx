import { Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { Rows } from "@/shared/components/Rows";
import { useFormat } from "@/shared/i18n/useFormat";
import { downloadsOptions } from "./api";

/** Who took which file of the project's releases and models, and when. */
export function DownloadLog({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns = (["person", "of", "file", "size", "when"] as const).map((name) => t(`downloads.${name}`));
  return (
    <Panel title={t("downloads.title")} description={t("downloads.detail")}>
      <Rows
        query={useInfiniteQuery(downloadsOptions(projectId))}
        label={t("downloads.title")}
        columns={columns}
        empty={<Text c="dimmed">{t("downloads.empty")}</Text>}
      >
        {(row) => (
          <Table.Tr key={row.id}>
            <Table.Td>
              {row.person.name}
              {row.by_link && ` (${t("downloads.by_link")})`}
            </Table.Td>
            <Table.Td>{(row.release ?? row.model)?.name}</Table.Td>
            <Table.Td ff="monospace" fz="sm">
              {row.path}
            </Table.Td>
            <Table.Td>
              {format.bytes(row.sent_bytes)}
              {row.sent_bytes < row.size_bytes && ` / ${format.bytes(row.size_bytes)}`}
            </Table.Td>
            <Table.Td>{format.dateTime(row.at)}</Table.Td>
          </Table.Tr>
        )}
      </Rows>
    </Panel>
  );
}
