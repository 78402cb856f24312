import { Code, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconPackage } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkAnchor } from "@/shared/components/Links";
import { Rows } from "@/shared/components/Rows";
import { StateBadge } from "@/shared/components/StateBadge";
import { releasesOptions } from "@/shared/api/queries";
import { useFormat } from "@/shared/i18n/useFormat";

export function ReleaseTable({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery(releasesOptions(projectId));
  const columns = [t("releases.name"), t("imports.column.state"), t("releases.digest"), t("imports.column.when")];
  return (
    <Rows
      query={query}
      label={t("releases.title")}
      columns={columns}
      empty={
        <EmptyState icon={IconPackage} title={t("releases.empty")}>
          {t("releases.empty_detail")}
        </EmptyState>
      }
    >
      {(release) => (
        <Table.Tr key={release.id}>
          <Table.Td>
            <LinkAnchor to="/projects/$projectId/releases/$releaseId" params={{ projectId, releaseId: release.id }}>
              {release.name}
            </LinkAnchor>
          </Table.Td>
          <Table.Td>
            <StateBadge state={release.state} />
          </Table.Td>
          <Table.Td>{release.digest_sha256 && <Code>{release.digest_sha256.slice(0, 12)}</Code>}</Table.Td>
          <Table.Td>
            <Text size="sm">{format.ago(release.created_at)}</Text>
          </Table.Td>
        </Table.Tr>
      )}
    </Rows>
  );
}
