import { Button, Checkbox, Group, NumberInput, Stack, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import { demonstrationConfig, rankingConfig, type ProtocolConfig } from "@/shared/api/protocolConfig";
import type { Protocol } from "@/shared/api/types";

interface Props {
  protocol: Protocol;
  save: (config: ProtocolConfig) => Promise<Protocol>;
  onSaved: (protocol: Protocol) => void;
}

function changeable({ kind, config }: Protocol): ProtocolConfig {
  if (kind === "ranking") {
    const { instruction, allow_ties, require_rationale } = rankingConfig(config);
    return { instruction, allow_ties, require_rationale };
  }
  const { instruction, maximum_characters } = demonstrationConfig(config);
  return { instruction, maximum_characters };
}

/** What answers must look like. A change makes a new version: claims under way keep the one they began with. */
export function ProtocolConfigForm({ protocol, save, onSaved }: Props) {
  const { t } = useTranslation();
  const [config, setConfig] = useState<ProtocolConfig>(() => changeable(protocol));
  const saving = useMutation({ mutationFn: () => save(config), onSuccess: onSaved });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack maw={520}>
        <ProblemNotice error={saving.error} />
        <Textarea
          label={t("protocol.instruction")}
          description={t("protocol.instruction_hint")}
          autosize
          minRows={2}
          maxRows={8}
          value={config.instruction}
          onChange={(event) => setConfig({ ...config, instruction: event.currentTarget.value })}
        />
        {"maximum_characters" in config ? (
          <NumberInput
            label={t("protocol.maximum_characters")}
            description={t("protocol.maximum_characters_hint")}
            required
            min={1}
            allowDecimal={false}
            value={config.maximum_characters}
            onChange={(value) => setConfig({ ...config, maximum_characters: Number(value) })}
          />
        ) : (
          <>
            <Checkbox
              label={t("protocol.allow_ties")}
              description={t("protocol.allow_ties_hint")}
              checked={config.allow_ties}
              onChange={(event) => setConfig({ ...config, allow_ties: event.currentTarget.checked })}
            />
            <Checkbox
              label={t("protocol.require_rationale")}
              description={t("protocol.require_rationale_hint")}
              checked={config.require_rationale}
              onChange={(event) => setConfig({ ...config, require_rationale: event.currentTarget.checked })}
            />
          </>
        )}
        <Group>
          <Button type="submit" loading={saving.isPending}>
            {t("action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
