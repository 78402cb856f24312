import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState, type MouseEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { claimOptions } from "@/features/work/api";
import { forgetDraft } from "@/features/work/claimMemory";
import { ClaimScreen } from "@/features/work/ClaimScreen";
import { announce } from "@/shared/components/announcer";
import { Announcements } from "@/shared/components/Announcements";
import { Loading } from "@/shared/components/Loading";
import { newKey } from "@/shared/api/sendOnce";
import type { Claim } from "@/shared/api/types";
import { exampleClaim, type Example } from "./example";
import { leaveFocus } from "./leaveFocus";
import { listenTo, tell, type Message } from "./messages";
import { rehearse } from "./rehearsal";

/** Links lead out of the desk, and there is nowhere to go to from here. */
function stay(event: MouseEvent): void {
  if (event.target instanceof Element && event.target.closest("a")) {
    event.preventDefault();
    event.stopPropagation();
  }
}

/** What stands in the frame: a real desk that talks to nobody. A new example is a new claim. */
export function PreviewPage(): ReactNode {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [shown, setShown] = useState<{ example: Example; claim: Claim }>();
  const begin = (example: Example) => {
    const claim = exampleClaim(example, newKey(), t);
    queries.setQueryData(claimOptions(claim.id).queryKey, claim);
    setShown({ example, claim });
  };
  const hear = useEffectEvent((message: Message) => {
    if (message.type === "bennet.preview.show") begin(message.example);
  });
  useEffect(() => {
    const end = listenTo(
      () => window.parent,
      (message) => hear(message),
    );
    tell(window.parent, { type: "bennet.preview.ready" });
    return end;
  }, []);
  // From before the first desk until after the last: what a desk asks in between must not get through.
  useEffect(() => rehearse((id) => queries.getQueryData(claimOptions(id).queryKey)), [queries]);
  useEffect(leaveFocus, []);
  const claim = shown?.claim;
  useEffect(() => {
    if (claim) return () => forgetDraft(claim.id);
  }, [claim]);
  if (!shown) return <Loading />;
  const goOn = () => {
    announce(t("preview.handed_in"));
    begin(shown.example);
    return Promise.resolve();
  };
  return (
    <div onClickCapture={stay}>
      <ClaimScreen claimId={shown.claim.id} onEnd={goOn} />
      <Announcements />
    </div>
  );
}
