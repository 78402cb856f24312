import { Stack, Table, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useCategoryName } from "@/shared/components/answers/useCategoryName";
import { useFormat } from "@/shared/i18n/useFormat";
import type { AgreementReport, Share } from "@/shared/api/types";
import { useShare } from "./useShare";

/** How far verdicts on each category of moderation agree: what hardly anybody says yes to agrees by chance already. */
export function CategoryAgreement({ categories }: { categories: AgreementReport["categories"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const named = useCategoryName();
  const columns = [t("agreement.agreement"), t("agreement.alpha"), t("agreement.verdicts"), t("agreement.yes")];
  return (
    <Stack gap="xs" component="section">
      <Title order={3}>{t("agreement.categories")}</Title>
      <Table.ScrollContainer minWidth={520} type="native">
        <Table
          aria-label={t("agreement.categories")}
          verticalSpacing="xs"
          style={{ fontVariantNumeric: "tabular-nums" }}
        >
          <Table.Thead>
            <Table.Tr>
              <Table.Th c="dimmed" fw={500} fz="sm">
                {t("agreement.category")}
              </Table.Th>
              {columns.map((column) => (
                <Table.Th key={column} c="dimmed" fw={500} fz="sm" ta="right">
                  {column}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {categories.map((row) => (
              <Table.Tr key={row.category}>
                <Table.Th scope="row" fw={500}>
                  {named(row.category)}
                </Table.Th>
                <Bounded share={row.agreement} style="percent" />
                <Bounded share={row.alpha} style="decimal" />
                <Table.Td ta="right">{format.integer(row.verdicts)}</Table.Td>
                <Table.Td ta="right">{format.integer(row.yes)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

function Bounded({ share, style }: { share: Share; style: "percent" | "decimal" }) {
  const { value, note } = useShare()(share, style);
  return (
    <Table.Td ta="right">
      {value}
      <Text size="xs" c="dimmed">
        {note}
      </Text>
    </Table.Td>
  );
}
