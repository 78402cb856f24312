import { Button, Group, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/shared/api/problem";
import { ProblemNotice } from "@/shared/components/Problem";
import type { KindOfWork, Protocol } from "@/shared/api/types";
import type { Config } from "./api";
import { SettingField } from "./SettingField";
import { useWording } from "./useWording";

interface Props {
  kind: KindOfWork;
  config: Config;
  onChange: (config: Config) => void;
  save: (config: Config) => Promise<Protocol>;
  onSaved: (protocol: Protocol) => void;
}

/** What answers must look like. A change makes a new version: claims under way keep the one they began with. */
export function ConfigForm({ kind, config, onChange, save, onSaved }: Props) {
  const { t } = useTranslation();
  const wording = useWording();
  const saving = useMutation({ mutationFn: () => save(config), onSuccess: onSaved });
  const faults = saving.error ? asProblem(saving.error).fields : {};
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack>
        <ProblemNotice error={saving.error} />
        {kind.settings.map((setting) => (
          <SettingField
            key={setting.name}
            setting={setting}
            label={wording.label(setting)}
            hint={wording.hint(setting, kind.key)}
            value={config[setting.name] ?? setting.default}
            error={faults[setting.name]}
            onChange={(value) => onChange({ ...config, [setting.name]: value })}
          />
        ))}
        <Group>
          <Button type="submit" loading={saving.isPending}>
            {t("action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
