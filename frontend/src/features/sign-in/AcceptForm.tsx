import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import type { Language } from "@/shared/i18n/i18n";
import { acceptInvitation, keepLanguage } from "./api";

interface Props {
  token: string;
  email: string;
  isNew: boolean;
  onDone: () => void;
}

export function AcceptForm({ token, email, isNew, onDone }: Props) {
  const { t, i18n } = useTranslation();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const accepting = useMutation({
    mutationFn: async () => {
      const me = await acceptInvitation(token, { name, password });
      if (isNew && me.language !== i18n.language) await keepLanguage(i18n.language as Language);
    },
    onSuccess: onDone,
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    accepting.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack gap="md">
        <ProblemNotice error={accepting.error} />
        <TextInput label={t("account.email")} value={email} autoComplete="username" readOnly size="md" />
        {isNew && (
          <>
            <TextInput
              label={t("account.name")}
              autoComplete="name"
              required
              autoFocus
              size="md"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <PasswordInput
              label={t("account.new_password")}
              description={t("account.password_hint")}
              autoComplete="new-password"
              required
              size="md"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          </>
        )}
        <Button type="submit" size="md" loading={accepting.isPending} fullWidth>
          {t("invitation.accept")}
        </Button>
      </Stack>
    </form>
  );
}
