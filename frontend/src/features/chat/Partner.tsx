import { Alert, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

/** What one is talking to, said before one does. */
export function Partner({ name }: { name: string }) {
  const { t } = useTranslation();
  return (
    <Alert icon={<IconInfoCircle size={18} />} variant="light" title={t("chat.partner", { name })}>
      <Text size="sm">{t("chat.partner_detail")}</Text>
    </Alert>
  );
}
