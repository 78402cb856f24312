import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { LinkAnchor } from "@/shared/components/Links";
import { ProblemNotice } from "@/shared/components/Problem";
import { signIn } from "./allauth";

export function SignInForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signing = useMutation({
    mutationFn: () => signIn(email, password),
    onSuccess: onDone,
    meta: { isSigningIn: true },
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    signing.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack gap="md">
        <ProblemNotice error={signing.error} />
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
        <PasswordInput
          label={t("account.password")}
          autoComplete="current-password"
          required
          size="md"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" size="md" loading={signing.isPending} fullWidth>
          {t("sign_in.submit")}
        </Button>
        <LinkAnchor to="/forgot-password" size="sm" ta="center">
          {t("sign_in.forgot")}
        </LinkAnchor>
      </Stack>
    </form>
  );
}
