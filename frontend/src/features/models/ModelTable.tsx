import { Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconCube } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkAnchor, LinkButton } from "@/shared/components/Links";
import { Rows } from "@/shared/components/Rows";
import { useFormat } from "@/shared/i18n/useFormat";
import { modelsOptions } from "./api";
import { DeployableBadge } from "./DeployableBadge";

export function ModelTable({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery(modelsOptions(projectId));
  const columns = [
    t("models.column.model"),
    t("runs.stage"),
    t("runs.release"),
    t("models.column.use"),
    t("imports.column.when"),
  ];
  return (
    <Rows
      query={query}
      label={t("models.title")}
      columns={columns}
      empty={
        <EmptyState
          icon={IconCube}
          title={t("models.empty")}
          action={
            <LinkButton to="/projects/$projectId/runs" params={{ projectId }} variant="default">
              {t("runs.title")}
            </LinkButton>
          }
        >
          {t("models.empty_detail")}
        </EmptyState>
      }
    >
      {(model) => (
        <Table.Tr key={model.id}>
          <Table.Td>
            <LinkAnchor to="/projects/$projectId/models/$modelId" params={{ projectId, modelId: model.id }}>
              {model.name}
            </LinkAnchor>
          </Table.Td>
          <Table.Td>
            <Text size="sm">{t(`stage.${model.stage}`)}</Text>
          </Table.Td>
          <Table.Td>
            <Text size="sm">{model.release.name}</Text>
          </Table.Td>
          <Table.Td>
            <DeployableBadge model={model} />
          </Table.Td>
          <Table.Td>
            <Text size="sm">{format.ago(model.created_at)}</Text>
          </Table.Td>
        </Table.Tr>
      )}
    </Rows>
  );
}
