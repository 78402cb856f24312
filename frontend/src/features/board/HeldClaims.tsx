import { Badge, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { Rows } from "@/shared/components/Rows";
import { useNow } from "@/shared/hooks/useNow";
import { useFormat } from "@/shared/i18n/useFormat";
import { boardOptions } from "@/shared/api/queries";
import type { BoardRow } from "@/shared/api/types";
import { claimsIn, type LanguageChoice } from "./lines";

const TICK_MILLISECONDS = 10_000;

interface Props {
  projectId: number;
  protocols: readonly BoardRow[];
  language: LanguageChoice;
}

/** Who works on what right now: the claim that ends first in front. */
export function HeldClaims({ projectId, protocols, language }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow(TICK_MILLISECONDS);
  const names = new Map(protocols.map(({ protocol }) => [protocol.id, protocol.name]));
  const columns = [t("board.person"), t("board.task"), t("board.since"), t("board.seen"), t("board.until")];
  const empty = <Text c="dimmed">{t("board.nobody")}</Text>;
  const query = useQuery({ ...boardOptions(projectId), select: ({ claims }) => claimsIn(claims, language) });
  return (
    <Panel title={t("board.now")} description={t("board.now_detail")}>
      <Rows query={query} label={t("board.now")} columns={columns} empty={empty}>
        {(claim) => (
          <Table.Tr key={claim.id}>
            <Table.Td>
              <Text size="sm" fw={500}>
                {claim.person.name}
              </Text>
            </Table.Td>
            <Table.Td maw={360}>
              <Text size="sm" truncate title={claim.excerpt}>
                {claim.excerpt || t("board.task_number", { id: claim.task })}
              </Text>
              <Text size="xs" c="dimmed">
                {names.get(claim.protocol)}
              </Text>
            </Table.Td>
            <Table.Td>{claim.shown_at ? format.ago(claim.shown_at, now) : t("board.ahead")}</Table.Td>
            <Table.Td>{claim.seen_at ? format.ago(claim.seen_at, now) : "–"}</Table.Td>
            <Table.Td>
              {claim.is_expiring ? (
                <Badge color="yellow" variant="light" tt="none">
                  {format.ago(claim.expires_at, now)}
                </Badge>
              ) : (
                format.ago(claim.expires_at, now)
              )}
            </Table.Td>
          </Table.Tr>
        )}
      </Rows>
    </Panel>
  );
}
