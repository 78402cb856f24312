import { Button, Group, NumberInput, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import { comparisonsOptions, orderComparison } from "./compare";

const NUMBERS = [
  { name: "prompts", min: 1, max: 2000, step: 10 },
  { name: "judges", min: 1, max: 9, step: 1 },
] as const;

/** One click asks people which of two models answers better; how many, and how many of them, can be changed. */
export function CompareForm({ projectId, modelId }: { projectId: number; modelId: number }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [order, setOrder] = useState({ prompts: 50, judges: 2 });
  const ordering = useMutation({
    mutationFn: () => orderComparison(projectId, modelId, order),
    onSuccess: () => queries.invalidateQueries({ queryKey: comparisonsOptions(projectId, modelId).queryKey }),
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    ordering.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        <ProblemNotice error={ordering.error} />
        <Group align="flex-end">
          {NUMBERS.map(({ name, ...bounds }) => (
            <NumberInput
              key={name}
              label={t(`compare.${name}`)}
              required
              allowDecimal={false}
              {...bounds}
              value={order[name]}
              onChange={(value) => setOrder((old) => ({ ...old, [name]: Number(value) }))}
            />
          ))}
          <Button type="submit" loading={ordering.isPending}>
            {t("compare.ask")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
