import { Alert } from "@mantine/core";
import { IconClockPause, IconCloudOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Lease } from "./useHeartbeat";

/** Says kindly what became of the reservation, or that an answer waits for the line. */
export function LeaseNotice({ lease, isWaitingForLine }: { lease: Lease; isWaitingForLine: boolean }) {
  const { t } = useTranslation();
  if (isWaitingForLine) {
    return (
      <Alert role="status" color="yellow" icon={<IconCloudOff size={18} />} title={t("claim.waiting")}>
        {t("claim.waiting_detail")}
      </Alert>
    );
  }
  if (lease === "held") return null;
  return (
    <Alert role="status" color="yellow" icon={<IconClockPause size={18} />} title={t(`claim.lease.${lease}`)}>
      {t(`claim.lease.${lease}_detail`)}
    </Alert>
  );
}
