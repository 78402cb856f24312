import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { SignInForm } from "@/features/sign-in/SignInForm";
import { FrontDoor } from "../FrontDoor";
import { useEnter } from "../useEnter";

const route = getRouteApi("/sign-in");

export function SignInPage(): ReactNode {
  const { t } = useTranslation();
  const { next } = route.useSearch();
  const enter = useEnter();
  return (
    <FrontDoor title={t("sign_in.title")}>
      <SignInForm onDone={() => void enter(next)} />
    </FrontDoor>
  );
}
