import { Stack, Table, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import type { AgreementFigure } from "@/shared/api/types";
import { useShare } from "./useShare";

interface Row {
  key: number;
  name: ReactNode;
  figure: AgreementFigure;
}

interface Props {
  title: string;
  note?: string;
  rows: readonly Row[];
}

/** The same figures for parts of a protocol, one row each. */
export function AgreementTable({ title, note, rows }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const share = useShare();
  const isRanked = rows.some((row) => row.figure.tau_b.value !== null);
  const hasAlpha = rows.some((row) => row.figure.alpha.value !== null);
  const columns = [
    "",
    t("agreement.agreement"),
    t("agreement.interval_column"),
    t(isRanked ? "agreement.strict_ranked" : "agreement.strict_valued"),
    ...(isRanked ? [t("agreement.tau_b")] : []),
    ...(hasAlpha ? [t("agreement.alpha")] : []),
    t("agreement.tasks"),
  ];
  return (
    <Stack gap="xs" component="section">
      <div>
        <Title order={3}>{title}</Title>
        {note && (
          <Text size="sm" c="dimmed">
            {note}
          </Text>
        )}
      </div>
      <Table.ScrollContainer minWidth={columns.length * 100} type="native">
        <Table aria-label={title} verticalSpacing="xs" style={{ fontVariantNumeric: "tabular-nums" }}>
          <Table.Thead>
            <Table.Tr>
              {columns.map((column, index) => (
                <Table.Th key={index} c="dimmed" fw={500} fz="sm" ta={index ? "right" : "left"}>
                  {column}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ key, name, figure }) => {
              const whole = share(figure.agreement, "percent");
              return (
                <Table.Tr key={key}>
                  <Table.Th scope="row" fw={500}>
                    {name}
                  </Table.Th>
                  <Table.Td ta="right">{whole.value}</Table.Td>
                  <Table.Td ta="right" c="dimmed">
                    {whole.note}
                  </Table.Td>
                  <Table.Td ta="right">{share(figure.strict, "percent").value}</Table.Td>
                  {isRanked && <Table.Td ta="right">{share(figure.tau_b, "decimal").value}</Table.Td>}
                  {hasAlpha && <Table.Td ta="right">{share(figure.alpha, "decimal").value}</Table.Td>}
                  <Table.Td ta="right">{format.integer(figure.tasks)}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}
