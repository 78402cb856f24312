import { Button, Group, NumberInput, SimpleGrid, Stack, Text, Textarea } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { asProblem } from "@/shared/api/problem";
import { continuationsOptions, orderContinuation } from "./api";
import { ContinuationText } from "./ContinuationText";

const NUMBERS = [
  { name: "temperature", min: 0, max: 2, step: 0.1 },
  { name: "max_new_tokens", min: 1, max: 4096, step: 100 },
  { name: "seed", min: 0, max: 2_147_483_647, step: 1 },
] as const;
const DEFAULTS = { temperature: 0.8, max_new_tokens: 400, seed: 0 };
const ELIZABETH = '"You must decide for yourself," said Elizabeth';

/** Give a foundation model a text and see how it goes on: it completes, it does not answer. */
export function Playground({ projectId, modelId }: { projectId: number; modelId: number }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const written = continuationsOptions(projectId, modelId);
  const rows = useInfiniteQuery(written).data ?? [];
  const [prompt, setPrompt] = useState(ELIZABETH);
  const [numbers, setNumbers] = useState(DEFAULTS);
  const ordering = useMutation({
    mutationFn: () => orderContinuation(projectId, modelId, { prompt, ...numbers }),
    onSuccess: () => queries.invalidateQueries({ queryKey: written.queryKey }),
  });
  const errors = ordering.error ? asProblem(ordering.error).fields : {};
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    ordering.mutate();
  };
  return (
    <Panel title={t("playground.title")} description={t("playground.detail")}>
      <form onSubmit={send}>
        <Stack>
          <ProblemNotice error={ordering.error} />
          <Textarea
            label={t("playground.prompt")}
            required
            autosize
            minRows={2}
            maxRows={10}
            maxLength={10_000}
            value={prompt}
            error={errors.prompt}
            onChange={(event) => setPrompt(event.currentTarget.value)}
          />
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            {NUMBERS.map(({ name, ...bounds }) => (
              <NumberInput
                key={name}
                label={t(`playground.${name}`)}
                required
                {...bounds}
                value={numbers[name]}
                error={errors[name]}
                onChange={(value) => setNumbers((old) => ({ ...old, [name]: Number(value) }))}
              />
            ))}
          </SimpleGrid>
          <Group>
            <Button type="submit" loading={ordering.isPending} disabled={!prompt.trim()}>
              {t("playground.submit")}
            </Button>
          </Group>
        </Stack>
      </form>
      {rows.length === 0 && <Text c="dimmed">{t("playground.empty")}</Text>}
      {rows.map((row) => (
        <ContinuationText key={row.id} projectId={projectId} modelId={modelId} row={row} />
      ))}
    </Panel>
  );
}
