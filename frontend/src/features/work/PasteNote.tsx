import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Paste } from "./usePastes";

/** Says what is kept of pasting, while it happens: nobody is to learn of it afterwards. */
export function PasteNote({ pastes }: { pastes: readonly Paste[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (pastes.length === 0) return null;
  const count = pastes.reduce((sum, { characters }) => sum + characters, 0);
  return (
    <Text size="sm" c="dimmed" title={t("writing.pasted_detail")}>
      {t("writing.pasted", { count, shown: format.integer(count) })}
    </Text>
  );
}
