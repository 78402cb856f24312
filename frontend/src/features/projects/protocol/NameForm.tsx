import { Button, Group, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import type { Protocol } from "@/shared/api/types";
import { saveProtocol } from "./api";

interface Props {
  projectId: number;
  protocol: Protocol;
  onSaved: () => void;
}

export function NameForm({ projectId, protocol, onSaved }: Props) {
  const { t } = useTranslation();
  const [name, setName] = useState(protocol.name);
  const saving = useMutation({ mutationFn: () => saveProtocol(projectId, protocol.id, { name }), onSuccess: onSaved });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Panel title={t("projects.name")}>
      <form onSubmit={send}>
        <ProblemNotice error={saving.error} />
        <Group align="flex-end">
          <TextInput
            aria-label={t("projects.name")}
            required
            maxLength={120}
            flex="1 1 260px"
            maw={520}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" loading={saving.isPending} disabled={name === protocol.name}>
            {t("action.save")}
          </Button>
        </Group>
      </form>
    </Panel>
  );
}
