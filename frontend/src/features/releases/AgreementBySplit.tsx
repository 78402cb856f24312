import { Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import { manifestOptions } from "./api";

interface Figure {
  tasks: number;
  answers: number;
  agreement: number | null;
  agreement_low: number | null;
  agreement_high: number | null;
  is_measured: boolean;
}
type Agreement = Record<string, Record<string, Figure>>;

/** How far people agree, as frozen into the manifest: the ceiling for what a model can learn from it. */
export function AgreementBySplit({ projectId, releaseId }: { projectId: number; releaseId: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const manifest = useQuery(manifestOptions(projectId, releaseId)).data as { agreement?: Agreement } | undefined;
  const rows = Object.entries(manifest?.agreement ?? {}).flatMap(([split, kinds]) =>
    Object.entries(kinds).map(([kind, figure]) => ({ split, kind, figure })),
  );
  if (rows.length === 0) return null;
  const share = (value: number | null) => (value === null ? "–" : format.percent(value));
  return (
    <Panel title={t("ceiling.title")} description={t("ceiling.detail")}>
      <Table.ScrollContainer minWidth={460} type="native">
        <Table aria-label={t("ceiling.title")}>
          <Table.Thead>
            <Table.Tr>
              {(["split", "kind", "tasks", "agreement"] as const).map((column) => (
                <Table.Th key={column} fw={500} c="dimmed">
                  {t(`ceiling.${column}`)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ split, kind, figure }) => (
              <Table.Tr key={`${split} ${kind}`}>
                <Table.Td>{split}</Table.Td>
                <Table.Td>{kind}</Table.Td>
                <Table.Td>{format.integer(figure.tasks)}</Table.Td>
                <Table.Td>
                  {figure.is_measured ? (
                    `${share(figure.agreement)} (${share(figure.agreement_low)} – ${share(figure.agreement_high)})`
                  ) : (
                    <Text span c="dimmed">
                      {t("ceiling.not_measured")}
                    </Text>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Panel>
  );
}
