import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { announce } from "@/shared/components/announcer";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { ProblemNotice } from "@/shared/components/Problem";
import type { MyAnswer } from "@/shared/api/types";
import { takeBack } from "../api";

/** The way to take one answer back, frozen or not. */
export function TakeBack({ answer }: { answer: MyAnswer }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const taking = useMutation({
    mutationFn: () => takeBack(answer.project.id, answer.id),
    onSuccess: async () => {
      announce(t("giving.done"));
      await queries.invalidateQueries();
    },
  });
  if (answer.is_withdrawn) return null;
  return (
    <>
      <ProblemNotice error={taking.error} />
      <ConfirmButton
        label={t("giving.one")}
        question={t("giving.one_question")}
        detail={t("giving.one_detail")}
        loading={taking.isPending}
        onConfirm={() => taking.mutate()}
      />
    </>
  );
}
