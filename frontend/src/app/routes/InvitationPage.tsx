import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { InvitationForm } from "@/features/sign-in/InvitationForm";
import { FrontDoor } from "../FrontDoor";
import { useEnter } from "../useEnter";

const route = getRouteApi("/invitation/$token");

export function InvitationPage(): ReactNode {
  const { t } = useTranslation();
  const { token } = route.useParams();
  const enter = useEnter();
  return (
    <FrontDoor title={t("invitation.title")}>
      <InvitationForm token={token} onDone={() => void enter()} />
    </FrontDoor>
  );
}
