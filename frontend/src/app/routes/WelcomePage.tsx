import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { WelcomeLink } from "@/features/sign-in/WelcomeLink";
import { FrontDoor } from "../FrontDoor";
import { useEnter } from "../useEnter";

const route = getRouteApi("/welcome/$token");

export function WelcomePage(): ReactNode {
  const { t } = useTranslation();
  const { token } = route.useParams();
  const enter = useEnter();
  return (
    <FrontDoor title={t("welcome.title")}>
      <WelcomeLink token={token} onDone={() => void enter("/account")} />
    </FrontDoor>
  );
}
