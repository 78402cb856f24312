import { Skeleton, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** Grey rows as tall as the rows that will come, so that nothing jumps. */
export function Loading({ rows = 4, height = 44 }: { rows?: number; height?: number }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" role="status" aria-label={t("state.loading")}>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height} radius="md" />
      ))}
    </Stack>
  );
}
