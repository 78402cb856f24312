import { Alert, Button, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { LinkAnchor } from "@/shared/components/Links";
import { ProblemNotice } from "@/shared/components/Problem";
import { sessionOptions } from "@/shared/api/queries";
import { requestReset } from "./allauth";

export function ForgotPasswordForm() {
  const { t } = useTranslation();
  const [email, setEmail] = useState("");
  const session = useQuery(sessionOptions);
  const asking = useMutation({ mutationFn: () => requestReset(email) });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    asking.mutate();
  };
  if (session.data?.email_enabled === false)
    return (
      <Stack>
        <Alert>{t("forgot.no_email")}</Alert>
        <BackToSignIn />
      </Stack>
    );
  if (asking.isSuccess)
    return (
      <Stack>
        <Alert role="status">{t("forgot.sent", { email })}</Alert>
        <BackToSignIn />
      </Stack>
    );
  return (
    <form onSubmit={send}>
      <Stack gap="md">
        <ProblemNotice error={asking.error} />
        <TextInput
          label={t("account.email")}
          type="email"
          autoComplete="username"
          required
          autoFocus
          size="md"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Button type="submit" size="md" loading={asking.isPending} fullWidth>
          {t("forgot.submit")}
        </Button>
        <BackToSignIn />
      </Stack>
    </form>
  );
}

function BackToSignIn() {
  const { t } = useTranslation();
  return (
    <LinkAnchor to="/sign-in" size="sm" ta="center">
      {t("forgot.back")}
    </LinkAnchor>
  );
}
