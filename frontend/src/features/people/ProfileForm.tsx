import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "@/shared/components/announcer";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { sessionOptions } from "@/shared/api/queries";
import { changeLanguage, LANGUAGES } from "@/shared/i18n/i18n";
import type { Me } from "@/shared/api/types";
import { saveMe } from "./api";

export function ProfileForm({ me }: { me: Me }) {
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const [email, setEmail] = useState(me.email);
  const [name, setName] = useState(me.name);
  const [language, setLanguage] = useState(me.language);
  const saving = useMutation({
    mutationFn: () => saveMe(me.is_owner ? { name, language, email } : { name, language }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: sessionOptions.queryKey });
      await changeLanguage(language);
      announce(i18n.t("action.saved"));
    },
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Panel title={t("account.profile")} description={t("account.profile_detail")}>
      <form onSubmit={send}>
        <Stack gap="md" maw={420}>
          <ProblemNotice error={saving.error} />
          <TextInput
            label={t("account.email")}
            type="email"
            value={email}
            required
            readOnly={!me.is_owner}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <TextInput
            label={t("account.name")}
            value={name}
            required
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label={t("account.language")}
            data={LANGUAGES.map((value) => ({ value, label: t(`language.${value}`) }))}
            value={language}
            allowDeselect={false}
            onChange={(value) => value && setLanguage(value)}
          />
          <Group>
            <Button type="submit" loading={saving.isPending}>
              {t("action.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
