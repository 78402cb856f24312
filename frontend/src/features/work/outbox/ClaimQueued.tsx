import { IconAlertTriangle, IconCircleCheck, IconCloudUp } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkButton } from "@/shared/components/Links";
import { useOutbox } from "./theOutbox";

const ICONS = { waiting: IconCloudUp, refused: IconAlertTriangle, sent: IconCircleCheck };

/** The address of a claim whose answer is handed in: what has become of it. */
export function ClaimQueued({ claimId }: { claimId: string }) {
  const { t } = useTranslation();
  const { waiting, refused } = useOutbox();
  const isAmong = (list: typeof waiting) => list.some(({ claim }) => claim === claimId);
  const state = isAmong(waiting) ? "waiting" : isAmong(refused) ? "refused" : "sent";
  return (
    <EmptyState
      icon={ICONS[state]}
      title={t(`outbox.${state}.title`)}
      action={<LinkButton to="/work">{t("claim.to_my_work")}</LinkButton>}
    >
      {t(`outbox.${state}.detail`)}
    </EmptyState>
  );
}
