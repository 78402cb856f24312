import { IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkButton } from "@/shared/components/Links";
import type { Claim } from "@/shared/api/types";

/** The address of a claim that is over, opened again. */
export function ClaimEnded({ state }: { state: Exclude<Claim["state"], "open" | "expired"> }) {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={IconCircleCheck}
      title={t(`claim.ended.${state}`)}
      action={<LinkButton to="/work">{t("claim.to_my_work")}</LinkButton>}
    >
      {t("claim.ended.detail")}
    </EmptyState>
  );
}
