import { Stack } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkButton } from "@/shared/components/Links";
import type { Claim } from "@/shared/api/types";
import { isUnsaved, keptDraft } from "./claimMemory";
import { KeptText } from "./outbox/KeptText";
import { wordsOf } from "./outbox/wordsOf";

interface Props {
  claim: Claim;
  state: Exclude<Claim["state"], "open" | "expired">;
}

/** The address of a claim that is over, opened again. What was written and never arrived can be taken along. */
export function ClaimEnded({ claim, state }: Props) {
  const { t } = useTranslation();
  const lost = isUnsaved(claim.id, claim.draft_saved_at) ? keptDraft(claim.id, claim.draft_saved_at) : null;
  return (
    <EmptyState
      icon={IconCircleCheck}
      title={t(`claim.ended.${state}`)}
      action={
        <Stack w="100%" maw={560} align="center">
          {lost && <KeptText text={wordsOf(lost)} />}
          <LinkButton to="/work">{t("claim.to_my_work")}</LinkButton>
        </Stack>
      }
    >
      {t(lost ? "claim.ended.kept" : "claim.ended.detail")}
    </EmptyState>
  );
}
