import { Alert, Button, Group, Text } from "@mantine/core";
import { IconClockPause, IconCloudOff, IconLogout } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Lease } from "./useHeartbeat";

/** Says kindly what became of the reservation or the session, or that an answer waits for the line. */
export function LeaseNotice({ lease, isWaitingForLine }: { lease: Lease; isWaitingForLine: boolean }) {
  const { t } = useTranslation();
  if (lease === "signed_out") return <SignedOutNotice />;
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

function SignedOutNotice() {
  const { t } = useTranslation();
  const href = `/sign-in?${new URLSearchParams({ next: location.pathname }).toString()}`;
  return (
    <Alert role="status" color="yellow" icon={<IconLogout size={18} />} title={t("claim.lease.signed_out")}>
      <Group justify="space-between" gap="sm">
        <Text size="sm">{t("claim.lease.signed_out_detail")}</Text>
        {/* A page load: the session is read anew. */}
        <Button component="a" href={href} size="xs">
          {t("claim.sign_in_again")}
        </Button>
      </Group>
    </Alert>
  );
}
