import { Alert } from "@mantine/core";
import { useNetwork } from "@mantine/hooks";
import { IconCloudOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

export function OfflineBanner() {
  const { t } = useTranslation();
  const { online } = useNetwork();
  if (online) return null;
  return (
    <Alert
      role="status"
      color="yellow"
      radius={0}
      icon={<IconCloudOff size={18} />}
      title={t("offline.title")}
      pos="sticky"
      top={0}
      style={{ zIndex: 300 }}
    >
      {t("offline.detail")}
    </Alert>
  );
}
