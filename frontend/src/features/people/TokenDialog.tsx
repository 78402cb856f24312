import { Alert, Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { CopyField } from "@/shared/components/CopyField";
import { ProblemNotice } from "@/shared/components/Problem";
import { createToken, tokensOptions } from "./api";

const DAYS = [7, 30, 90, 365];
const SCOPES = { read: ["read"], write: ["read", "write"], chat: ["chat"] } as const;
type Scope = keyof typeof SCOPES;

export function TokenDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Scope>("read");
  const [days, setDays] = useState("90");
  const creating = useMutation({
    mutationFn: () => createToken({ name, scopes: [...SCOPES[scope]], expires_in_days: Number(days) }),
    onSuccess: () => queries.invalidateQueries({ queryKey: tokensOptions.queryKey }),
  });
  const close = () => {
    creating.reset();
    setName("");
    onClose();
  };
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    creating.mutate();
  };
  return (
    <Modal opened={opened} onClose={close} title={t("account.token_new")}>
      {creating.data ? (
        <Stack>
          <Alert color="yellow">{t("account.token_once")}</Alert>
          <CopyField label={t("account.token_value")} value={creating.data.token} />
          <Group justify="flex-end">
            <Button onClick={close}>{t("action.close")}</Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={send}>
          <Stack>
            <ProblemNotice error={creating.error} />
            <TextInput
              label={t("account.token_name")}
              required
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Select
              label={t("account.token_scope_label")}
              allowDeselect={false}
              value={scope}
              onChange={(value) => value && setScope(value)}
              data={(Object.keys(SCOPES) as Scope[]).map((value) => ({
                value,
                label: t(`account.token_scope.${value}`),
              }))}
            />
            <Select
              label={t("account.token_days")}
              allowDeselect={false}
              value={days}
              onChange={(value) => value && setDays(value)}
              data={DAYS.map((count) => ({ value: String(count), label: t("account.token_days_option", { count }) }))}
            />
            <Group justify="flex-end">
              <Button type="submit" loading={creating.isPending}>
                {t("action.create")}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
