import { Anchor, Code, Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Release } from "@/shared/api/types";
import { releaseHome } from "./api";

export function ReleaseFiles({ projectId, release }: { projectId: number; release: Release }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Panel title={t("releases.files")} description={t("releases.files_detail")}>
      <Table.ScrollContainer minWidth={640} type="native">
        <Table aria-label={t("releases.files")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th fw={500} c="dimmed">
                {t("releases.path")}
              </Table.Th>
              <Table.Th fw={500} c="dimmed" ta="right">
                {t("releases.rows")}
              </Table.Th>
              <Table.Th fw={500} c="dimmed" ta="right">
                {t("releases.size")}
              </Table.Th>
              <Table.Th fw={500} c="dimmed">
                {t("releases.sha256")}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {release.files.map((file) => (
              <Table.Tr key={file.path}>
                <Table.Td>
                  <Anchor href={`${releaseHome(projectId, release.id)}/files/${file.path}`} download>
                    {file.path}
                  </Anchor>
                </Table.Td>
                <Table.Td ta="right">{format.integer(file.rows)}</Table.Td>
                <Table.Td ta="right">{format.bytes(file.bytes)}</Table.Td>
                <Table.Td>
                  <Code title={file.sha256}>{file.sha256.slice(0, 16)}…</Code>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Panel>
  );
}
