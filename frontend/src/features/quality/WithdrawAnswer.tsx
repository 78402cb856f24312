import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { announce } from "@/shared/components/announcer";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { ProblemNotice } from "@/shared/components/Problem";
import { withdrawAnswer } from "./api";

/** A manager takes an answer back for whoever gave it: they have asked for it elsewhere. */
export function WithdrawAnswer({ projectId, answerId }: { projectId: number; answerId: number }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const withdrawing = useMutation({
    mutationFn: () => withdrawAnswer(projectId, answerId),
    onSuccess: async () => {
      announce(t("giving.done"));
      await queries.invalidateQueries();
    },
  });
  return (
    <>
      <ProblemNotice error={withdrawing.error} />
      <ConfirmButton
        label={t("giving.for_author")}
        question={t("giving.for_author_question")}
        detail={t("giving.one_detail")}
        loading={withdrawing.isPending}
        onConfirm={() => withdrawing.mutate()}
      />
    </>
  );
}
