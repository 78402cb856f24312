import { Button, Stack, type ButtonProps } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import type { Claim, MyAnswer } from "@/shared/api/types";
import { claimOptions, reopen, workOptions } from "../api";

interface Props extends ButtonProps {
  answer: MyAnswer;
  onClaim: (claim: Claim) => void;
}

/** Open an own answer again, as it was handed in. Not there once the answer is out of its author's hands. */
export function ReopenButton({ answer, onClaim, ...look }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const reopening = useMutation({
    mutationFn: () => reopen(answer.id),
    onSuccess: (claim) => {
      queries.setQueryData(claimOptions(claim.id).queryKey, claim);
      void queries.invalidateQueries({ queryKey: workOptions.queryKey });
      onClaim(claim);
    },
  });
  if (!isOpenToChange(answer)) return null;
  return (
    <Stack gap="xs" align="flex-end">
      <ProblemNotice error={reopening.error} />
      <Button size="xs" variant="default" {...look} onClick={() => reopening.mutate()} loading={reopening.isPending}>
        {t("work.reopen")}
      </Button>
    </Stack>
  );
}

/** A release holds what it holds; but what a reviewer has returned its author may always improve. */
export function isOpenToChange({ state, frozen_at }: MyAnswer): boolean {
  return state !== "struck" && (frozen_at === null || state === "returned");
}
