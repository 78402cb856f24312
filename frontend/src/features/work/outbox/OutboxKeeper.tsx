import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "@/shared/components/announcer";
import { workOptions } from "../api";
import { forgetOld } from "../claimMemory";
import { RefusedAnswers } from "./RefusedAnswers";
import { outbox } from "./theOutbox";

/** On every page of a signed-in person: sends what they handed in before, and says what came of it. */
export function OutboxKeeper({ person }: { person: number }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  useEffect(() => {
    forgetOld(Date.now());
    outbox.open(person);
  }, [person]);
  useEffect(
    () =>
      outbox.onOutcome((outcome) => {
        void queries.invalidateQueries({ queryKey: workOptions.queryKey });
        if ("stored" in outcome && outcome.stored.answer.is_spare) announce(t("work.spare_notice"));
        return false;
      }),
    [queries, t],
  );
  return <RefusedAnswers />;
}
