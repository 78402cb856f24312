import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { PasswordForm } from "@/features/people/PasswordForm";
import { ProfileForm } from "@/features/people/ProfileForm";
import { TokenPanel } from "@/features/people/TokenPanel";
import { Page } from "@/shared/components/Page";
import { sessionOptions } from "@/shared/api/queries";
import { useMe } from "../useMe";

export function AccountPage(): ReactNode {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const me = useMe();
  return (
    <Page title={t("account.title")}>
      <ProfileForm me={me} />
      <PasswordForm
        hasPassword={me.has_password}
        onChanged={() => void queries.invalidateQueries({ queryKey: sessionOptions.queryKey })}
      />
      <TokenPanel />
    </Page>
  );
}
