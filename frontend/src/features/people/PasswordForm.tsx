import { Alert, Button, Group, PasswordInput, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { changePassword } from "./api";

interface Props {
  /** Who came by a link has none yet. */
  hasPassword: boolean;
  onChanged: () => void;
}

export function PasswordForm({ hasPassword, onChanged }: Props) {
  const { t } = useTranslation();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const changing = useMutation({
    mutationFn: () => changePassword({ current_password: current, new_password: fresh }),
    onSuccess: () => {
      setCurrent("");
      setFresh("");
      onChanged();
    },
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    changing.mutate();
  };
  return (
    <Panel title={t("account.password_title")} description={hasPassword ? undefined : t("account.password_first")}>
      <form onSubmit={send}>
        <Stack gap="md" maw={420}>
          <ProblemNotice error={changing.error} />
          {changing.isSuccess && <Alert role="status">{t("account.password_set")}</Alert>}
          {hasPassword && (
            <PasswordInput
              label={t("account.current_password")}
              autoComplete="current-password"
              required
              value={current}
              onChange={(event) => setCurrent(event.currentTarget.value)}
            />
          )}
          <PasswordInput
            label={t("account.new_password")}
            description={t("account.password_hint")}
            autoComplete="new-password"
            required
            value={fresh}
            onChange={(event) => setFresh(event.currentTarget.value)}
          />
          <Group>
            <Button type="submit" loading={changing.isPending}>
              {t("action.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
