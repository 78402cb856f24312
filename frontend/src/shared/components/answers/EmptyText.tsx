import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** Stands where a text would, for one without a word: a model that said nothing has been shown all the same. */
export function EmptyText() {
  const { t } = useTranslation();
  return (
    <Text component="span" size="sm" c="dimmed" fs="italic">
      {t("answers.no_text")}
    </Text>
  );
}
