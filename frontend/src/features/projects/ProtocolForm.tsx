import { Button, Group, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import type { Protocol, ProtocolKind } from "@/shared/api/types";
import type { ProtocolSettings } from "./api";

const KINDS: readonly ProtocolKind[] = ["demonstration", "ranking"];
const MINUTE_SECONDS = 60;

interface Props {
  protocol?: Protocol;
  save: (settings: ProtocolSettings & { kind: ProtocolKind }) => Promise<Protocol>;
  onSaved: (protocol: Protocol) => void;
}

/** A protocol's settings. Its kind is chosen once: answers of one kind cannot become another. */
export function ProtocolForm({ protocol, save, onSaved }: Props) {
  const { t } = useTranslation();
  const [name, setName] = useState(protocol?.name ?? "");
  const [kind, setKind] = useState<ProtocolKind>(protocol?.kind ?? "demonstration");
  const [state, setState] = useState(protocol?.state ?? "active");
  const [required, setRequired] = useState(protocol?.required_answers ?? 1);
  const [minutes, setMinutes] = useState((protocol?.lease_seconds ?? 1800) / MINUTE_SECONDS);
  const saving = useMutation({
    mutationFn: () => save({ name, kind, state, required_answers: required, lease_seconds: minutes * MINUTE_SECONDS }),
    onSuccess: onSaved,
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack maw={520}>
        <ProblemNotice error={saving.error} />
        <TextInput
          label={t("projects.name")}
          required
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={t("protocol.kind")}
          disabled={protocol !== undefined}
          allowDeselect={false}
          description={t(`protocol.kind_hint.${kind}`)}
          data={KINDS.map((value) => ({ value, label: t(`protocol_kind.${value}`) }))}
          value={kind}
          onChange={(value) => value && setKind(value)}
        />
        <NumberInput
          label={t("protocol.required_answers")}
          description={t("protocol.required_hint")}
          min={1}
          max={100}
          value={required}
          onChange={(value) => setRequired(Number(value))}
        />
        <NumberInput
          label={t("protocol.lease")}
          description={t("protocol.lease_hint")}
          min={1}
          max={1440}
          value={minutes}
          onChange={(value) => setMinutes(Number(value))}
        />
        {protocol && (
          <Select
            label={t("protocol.state")}
            description={t("protocol.state_hint")}
            allowDeselect={false}
            data={(["active", "paused"] as const).map((value) => ({ value, label: t(`state.${value}`) }))}
            value={state}
            onChange={(value) => value && setState(value)}
          />
        )}
        <Group>
          <Button type="submit" loading={saving.isPending}>
            {t(protocol ? "action.save" : "action.create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
