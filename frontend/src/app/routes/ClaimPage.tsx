import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { GuidelineNewsProvider } from "@/features/work/guideline/GuidelineNewsProvider";
import { ClaimScreen } from "@/features/work/ClaimScreen";
import type { HandedIn } from "@/features/work/useHandIn";

const route = getRouteApi("/focus/work/$claimId");

export function ClaimPage(): ReactNode {
  const navigate = useNavigate();
  const { claimId } = route.useParams();
  const goOn = (end: HandedIn | null) => {
    window.scrollTo({ top: 0 });
    return end?.next
      ? navigate({ to: "/work/$claimId", params: { claimId: end.next.id }, replace: true })
      : navigate({ to: "/work", search: end ? { ended: end.noWork ?? "empty" } : {}, replace: true });
  };
  return (
    <GuidelineNewsProvider>
      <ClaimScreen claimId={claimId} onEnd={goOn} />
    </GuidelineNewsProvider>
  );
}
