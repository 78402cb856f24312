import { Button, Group, Radio, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/shared/components/Loaded";
import { ProblemNotice } from "@/shared/components/Problem";
import type { Preset, Protocol } from "@/shared/api/types";
import { createProtocol, presetsOptions } from "./api";
import classes from "./PresetForm.module.css";
import { useWording } from "./useWording";

interface Props {
  projectId: number;
  onCreated: (protocol: Protocol) => void;
}

/** Choose a starting point; everything in it can be changed afterwards. */
export function PresetForm({ projectId, onCreated }: Props) {
  const query = useQuery(presetsOptions);
  return (
    <Loaded query={query}>
      {(presets) => <Form projectId={projectId} onCreated={onCreated} presets={inOrder(presets)} />}
    </Loaded>
  );
}

/** Where work begins first, what only follows other work last. */
function inOrder(presets: readonly Preset[]): Preset[] {
  const followed = new Set(presets.map((one) => one.follow_up));
  const place = (one: Preset) => (one.follow_up ? 0 : followed.has(one.key) ? 2 : 1);
  return [...presets].sort((one, other) => place(one) - place(other) || one.key.localeCompare(other.key));
}

function Form({ projectId, onCreated, presets }: Props & { presets: readonly Preset[] }) {
  const { t } = useTranslation();
  const wording = useWording();
  const [preset, setPreset] = useState(presets[0]?.key ?? "");
  const [name, setName] = useState<string | null>(null);
  const chosen = presets.find((one) => one.key === preset);
  const suggested = chosen ? wording.preset(chosen).name : "";
  const creating = useMutation({
    mutationFn: () => createProtocol(projectId, { preset, name: name ?? suggested }),
    onSuccess: (protocol) => onCreated(protocol),
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    creating.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack gap="xl">
        <Radio.Group aria-label={t("preset.choose")} value={preset} onChange={setPreset}>
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
            {presets.map((one) => (
              <Radio.Card key={one.key} value={one.key} radius="lg" p="md" className={classes.card}>
                <Group wrap="nowrap" align="flex-start">
                  <Radio.Indicator />
                  <div>
                    <Text fw={600}>{wording.preset(one).name}</Text>
                    <Text size="xs" c="dimmed">
                      {t(`protocol_kind.${one.kind}`)}
                    </Text>
                    <Text size="sm" mt={6}>
                      {wording.preset(one).description}
                    </Text>
                    <FollowUp preset={one} presets={presets} />
                  </div>
                </Group>
              </Radio.Card>
            ))}
          </SimpleGrid>
        </Radio.Group>
        <ProblemNotice error={creating.error} />
        <Group align="flex-end">
          <TextInput
            label={t("projects.name")}
            required
            maxLength={120}
            flex="1 1 260px"
            maw={520}
            value={name ?? suggested}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" loading={creating.isPending}>
            {t("action.create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function FollowUp({ preset, presets }: { preset: Preset; presets: readonly Preset[] }) {
  const { t } = useTranslation();
  const wording = useWording();
  const next = presets.find((one) => one.key === preset.follow_up);
  if (!next) return null;
  return (
    <Text size="sm" c="dimmed" mt={6}>
      {t("preset.follow_up", { name: wording.preset(next).name })}
    </Text>
  );
}
