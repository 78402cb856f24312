import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ForgotPasswordForm } from "@/features/sign-in/ForgotPasswordForm";
import { FrontDoor } from "../FrontDoor";

export function ForgotPasswordPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <FrontDoor title={t("forgot.title")}>
      <ForgotPasswordForm />
    </FrontDoor>
  );
}
