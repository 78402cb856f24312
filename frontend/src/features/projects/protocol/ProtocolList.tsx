import { Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconRoute } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkAnchor } from "@/shared/components/Links";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import { StateBadge } from "@/shared/components/StateBadge";
import { protocolsOptions } from "@/shared/api/queries";
import type { Protocol } from "@/shared/api/types";
import { useFormat } from "@/shared/i18n/useFormat";

/** The protocols of a project; those in the archive stand apart, below. */
export function ProtocolList({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(protocolsOptions(projectId));
  return (
    <Loaded query={query} loading={<Loading rows={2} height={120} />}>
      {(protocols) => {
        if (protocols.length === 0)
          return (
            <EmptyState icon={IconRoute} title={t("progress.no_protocols")}>
              {t("protocol.empty_detail")}
            </EmptyState>
          );
        const archived = protocols.filter((protocol) => protocol.state === "archived");
        return (
          <Stack gap="xl">
            <Cards projectId={projectId} protocols={protocols.filter((protocol) => !archived.includes(protocol))} />
            {archived.length > 0 && (
              <Stack gap="sm" component="section">
                <Title order={2}>{t("protocol.archive_title")}</Title>
                <Cards projectId={projectId} protocols={archived} />
              </Stack>
            )}
          </Stack>
        );
      }}
    </Loaded>
  );
}

function Cards({ projectId, protocols }: { projectId: number; protocols: readonly Protocol[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      {protocols.map((protocol) => (
        <Paper key={protocol.id} withBorder radius="lg" p="lg" bg="var(--bennet-raised)">
          <Group justify="space-between">
            <LinkAnchor
              to="/projects/$projectId/protocols/$protocolId"
              params={{ projectId, protocolId: protocol.id }}
              fw={600}
            >
              {protocol.name}
            </LinkAnchor>
            <StateBadge state={protocol.state} />
          </Group>
          <Text size="sm" c="dimmed" mt={4}>
            {t(`protocol_kind.${protocol.kind}`)} ·{" "}
            {t("protocol.answers_needed", {
              count: protocol.required_answers,
              shown: format.integer(protocol.required_answers),
            })}
          </Text>
          <Text size="sm" c="dimmed">
            {protocol.guideline
              ? t("claim.guideline_version", { number: protocol.guideline.number })
              : t("protocol.no_guideline")}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  );
}
