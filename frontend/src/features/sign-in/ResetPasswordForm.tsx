import { Alert, Button, PasswordInput, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { LinkButton } from "@/shared/components/Links";
import { Loading } from "@/shared/components/Loading";
import { ProblemNotice } from "@/shared/components/Problem";
import { checkResetKey, resetPassword } from "./allauth";

export function ResetPasswordForm({ resetKey }: { resetKey: string }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const check = useQuery({
    queryKey: ["reset-key", resetKey],
    queryFn: async () => {
      await checkResetKey(resetKey);
      return true;
    },
    staleTime: Infinity,
  });
  const resetting = useMutation({ mutationFn: () => resetPassword(resetKey, password) });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    resetting.mutate();
  };
  if (check.isPending) return <Loading rows={2} />;
  if (check.error)
    return (
      <Stack>
        <Alert color="yellow">{t("reset.dead_link")}</Alert>
        <LinkButton to="/forgot-password">{t("reset.ask_again")}</LinkButton>
      </Stack>
    );
  if (resetting.isSuccess)
    return (
      <Stack>
        <Alert role="status">{t("reset.done")}</Alert>
        <LinkButton to="/sign-in">{t("sign_in.submit")}</LinkButton>
      </Stack>
    );
  return (
    <form onSubmit={send}>
      <Stack gap="md">
        <ProblemNotice error={resetting.error} />
        <PasswordInput
          label={t("account.new_password")}
          autoComplete="new-password"
          required
          autoFocus
          size="md"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" size="md" loading={resetting.isPending} fullWidth>
          {t("reset.submit")}
        </Button>
      </Stack>
    </form>
  );
}
