import { Anchor, Select, Stack, Table, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/shared/components/Loaded";
import { Panel } from "@/shared/components/Panel";
import { releasesOptions } from "@/shared/api/queries";
import type { Release } from "@/shared/api/types";
import { useFormat } from "@/shared/i18n/useFormat";
import { differenceOptions, releaseHome } from "./api";
import { useReasons } from "./useReasons";

const SIDES = ["added", "changed", "removed"] as const;

/** What this release has that another had not, and why. */
export function Difference({ projectId, release }: { projectId: number; release: Release }) {
  const { t } = useTranslation();
  const releases = useInfiniteQuery(releasesOptions(projectId)).data ?? [];
  const others = releases.filter((one) => one.id !== release.id && one.digest_sha256);
  const [old, setOld] = useState<number>();
  if (others.length === 0) return null;
  return (
    <Panel title={t("difference.title")} description={t("difference.detail")}>
      <Select
        label={t("difference.other")}
        placeholder={t("difference.choose")}
        maw={420}
        searchable
        data={others.map(({ id, name }) => ({ value: String(id), label: name }))}
        value={old === undefined ? null : String(old)}
        onChange={(id) => setOld(id ? Number(id) : undefined)}
      />
      {old !== undefined && <Changes projectId={projectId} old={old} young={release.id} />}
    </Panel>
  );
}

function Changes({ projectId, old, young }: { projectId: number; old: number; young: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const say = useReasons();
  const query = useQuery(differenceOptions(projectId, old, young));
  const why = (reasons: Record<string, number>) =>
    Object.entries(reasons)
      .map(([reason, count]) => `${say(reason)} ${format.integer(count)}`)
      .join(" · ");
  return (
    <Loaded query={query}>
      {(found) => (
        <Stack gap="sm">
          <Table.ScrollContainer minWidth={380} type="native">
            <Table aria-label={t("difference.title")}>
              <Table.Tbody>
                {SIDES.map((side) => (
                  <Table.Tr key={side}>
                    <Table.Th scope="row" fw={500}>
                      {t(`difference.${side}`)}
                    </Table.Th>
                    <Table.Td ta="right">{format.integer(found[side].total)}</Table.Td>
                    <Table.Td c="dimmed">{why(found[side].reasons)}</Table.Td>
                  </Table.Tr>
                ))}
                <Table.Tr>
                  <Table.Th scope="row" fw={500}>
                    {t("difference.kept")}
                  </Table.Th>
                  <Table.Td ta="right">{format.integer(found.kept)}</Table.Td>
                  <Table.Td />
                </Table.Tr>
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          <Text size="sm">
            <Anchor href={`${releaseHome(projectId, old)}/difference/${young}/lines/`} download>
              {t("difference.lines")}
            </Anchor>
          </Text>
        </Stack>
      )}
    </Loaded>
  );
}
