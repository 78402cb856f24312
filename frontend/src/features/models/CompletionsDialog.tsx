import { Button, Group, Modal, NumberInput, Select, SimpleGrid, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import { ProtocolSelect } from "@/shared/components/ProtocolSelect";
import { SPLITS, type Split } from "@/shared/api/types";
import { batchesOptions, orderCompletions } from "./api";

const NUMBERS = [
  { name: "limit", min: 1, max: 10_000, step: 10 },
  { name: "n", min: 2, max: 9, step: 1 },
  { name: "temperature", min: 0, max: 2, step: 0.1 },
  { name: "top_p", min: 0.05, max: 1, step: 0.05 },
  { name: "max_new_tokens", min: 1, max: 4096, step: 50 },
  { name: "seed", min: 0, max: 2_147_483_647, step: 1 },
] as const;
const DEFAULTS = { limit: 20, n: 4, temperature: 0.8, top_p: 0.95, max_new_tokens: 200, seed: 0 };

interface Props {
  projectId: number;
  modelId: number;
  opened: boolean;
  onClose: () => void;
}

export function CompletionsDialog({ projectId, modelId, opened, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [protocol, setProtocol] = useState<number>();
  const [split, setSplit] = useState<Split | null>("train");
  const [numbers, setNumbers] = useState(DEFAULTS);
  const ordering = useMutation({
    mutationFn: (protocol: number) => {
      const { limit, ...sampling } = numbers;
      return orderCompletions(projectId, modelId, {
        protocol,
        prompts: { limit, split: split ?? undefined },
        ...sampling,
      });
    },
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries({ queryKey: batchesOptions(projectId).queryKey });
    },
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (protocol !== undefined) ordering.mutate(protocol);
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t("models.write")} size="lg">
      <form onSubmit={send}>
        <Stack>
          <ProblemNotice error={ordering.error} />
          <ProtocolSelect
            projectId={projectId}
            kind="ranking"
            required
            label={t("models.ranking_queue")}
            description={t("models.ranking_queue_hint")}
            placeholder={t("models.choose_protocol")}
            value={protocol}
            onChange={setProtocol}
          />
          <Select
            label={t("models.prompts_from")}
            clearable
            placeholder={t("prompts.any_split")}
            value={split}
            onChange={setSplit}
            data={SPLITS.map((value) => ({ value, label: t(`split.${value}`) }))}
          />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {NUMBERS.map(({ name, ...bounds }) => (
              <NumberInput
                key={name}
                label={t(`models.sampling.${name}`)}
                required
                {...bounds}
                value={numbers[name]}
                onChange={(value) => setNumbers((old) => ({ ...old, [name]: Number(value) }))}
              />
            ))}
          </SimpleGrid>
          <Group justify="flex-end">
            <Button type="submit" loading={ordering.isPending} disabled={protocol === undefined}>
              {t("models.order")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
