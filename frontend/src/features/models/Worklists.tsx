import { Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Worklist } from "@/shared/api/types";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { WorklistRow } from "./WorklistRow";
import { orderWorklist, worklistsOptions } from "./worklists";

const NUMBERS = [
  { name: "pairs", min: 1, max: 2000, step: 10 },
  { name: "judges", min: 1, max: 9, step: 1 },
  { name: "control", min: 5, max: 100, step: 5 },
] as const;
const KINDS: Worklist["kind"][] = ["relabel", "collect"];
const PERCENT = 100;

/** What a reward model would have people compare: labels it doubts, and pairs its members dispute. */
export function Worklists({ projectId, modelId }: { projectId: number; modelId: number }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const options = worklistsOptions(projectId, modelId);
  const worklists = useInfiniteQuery(options).data ?? [];
  const [numbers, setNumbers] = useState({ pairs: 50, judges: 2, control: 20 });
  const ordering = useMutation({
    mutationFn: (kind: Worklist["kind"]) => {
      const { control, ...rest } = numbers;
      return orderWorklist(projectId, modelId, { kind, ...rest, control_share: control / PERCENT });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: options.queryKey }),
  });
  return (
    <Panel title={t("worklist.title")} description={t("worklist.detail")}>
      <Stack gap="md">
        <ProblemNotice error={ordering.error} />
        <Group align="flex-end">
          {NUMBERS.map(({ name, ...bounds }) => (
            <NumberInput
              key={name}
              label={t(`worklist.${name}`)}
              allowDecimal={false}
              {...bounds}
              value={numbers[name]}
              onChange={(value) => setNumbers((old) => ({ ...old, [name]: Number(value) }))}
            />
          ))}
        </Group>
        {KINDS.map((kind) => (
          <Group key={kind} justify="space-between">
            <Text size="sm" flex="1 1 18rem">
              {t(`worklist.about.${kind}`)}
            </Text>
            <Button variant="default" flex="none" loading={ordering.isPending} onClick={() => ordering.mutate(kind)}>
              {t(`worklist.ask.${kind}`)}
            </Button>
          </Group>
        ))}
        {worklists.map((worklist) => (
          <WorklistRow key={worklist.id} projectId={projectId} worklist={worklist} />
        ))}
      </Stack>
    </Panel>
  );
}
