import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ResetPasswordForm } from "@/features/sign-in/ResetPasswordForm";
import { FrontDoor } from "../FrontDoor";

const route = getRouteApi("/reset-password/$key");

export function ResetPasswordPage(): ReactNode {
  const { t } = useTranslation();
  const { key } = route.useParams();
  return (
    <FrontDoor title={t("reset.title")}>
      <ResetPasswordForm resetKey={key} />
    </FrontDoor>
  );
}
