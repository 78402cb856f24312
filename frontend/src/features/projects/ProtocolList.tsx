import { Group, Paper, SimpleGrid, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconRoute } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkAnchor } from "@/shared/components/Links";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import { StateBadge } from "@/shared/components/StateBadge";
import { protocolsOptions } from "@/shared/api/queries";
import { useFormat } from "@/shared/i18n/useFormat";

export function ProtocolList({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery(protocolsOptions(projectId));
  return (
    <Loaded query={query} loading={<Loading rows={2} height={120} />}>
      {(protocols) =>
        protocols.length === 0 ? (
          <EmptyState icon={IconRoute} title={t("progress.no_protocols")}>
            {t("protocol.empty_detail")}
          </EmptyState>
        ) : (
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
        )
      }
    </Loaded>
  );
}
