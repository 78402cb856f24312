import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { asProblem } from "@/shared/api/problem";
import { releasesOptions } from "@/shared/api/queries";
import type { Release } from "@/shared/api/types";
import { useFormat } from "@/shared/i18n/useFormat";
import { freeze, previewOptions, type Selection } from "./api";
import { CountTable } from "./CountTable";
import { Filters } from "./Filters";
import { LeftOut } from "./LeftOut";
import { Plots } from "./Plots";

interface Props {
  projectId: number;
  onFrozen: (release: Release) => void;
}

/** Choose what goes in, see how much that is, and freeze it. */
export function FreezeForm({ projectId, onFrozen }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const format = useFormat();
  const [name, setName] = useState("");
  const [draft, setDraft] = useState<Selection>({});
  const [selection] = useDebouncedValue(draft, 300);
  const preview = useQuery(previewOptions(projectId, selection));
  const total = useMemo(() => recordCount(preview.data?.counts), [preview.data]);
  const freezing = useMutation({
    mutationFn: () => freeze(projectId, name, draft),
    onSuccess: async (release) => {
      await queries.invalidateQueries({ queryKey: releasesOptions(projectId).queryKey });
      onFrozen(release);
    },
  });
  const refused = freezing.error ?? preview.error;
  const errors = refused ? asProblem(refused).fields : {};
  const choose = (change: Selection) => {
    freezing.reset();
    setDraft((old) => ({ ...old, ...change }));
  };
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    freezing.mutate();
  };
  return (
    <Panel title={t("releases.new")} description={t("releases.new_detail")}>
      <form onSubmit={send}>
        <Stack>
          <ProblemNotice error={freezing.error} />
          <TextInput
            label={t("releases.name")}
            required
            maxLength={120}
            maw={420}
            value={name}
            error={errors.name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Filters projectId={projectId} draft={draft} errors={errors} onChange={choose} />
          <Loaded query={preview} loading={<Loading rows={3} height={38} />}>
            {({ counts, left_out, plots, share }) => (
              <Stack gap="md" aria-live="polite" aria-busy={preview.isFetching}>
                <CountTable counts={counts} />
                <LeftOut leftOut={left_out} />
                {share < 1 && (
                  <Text size="sm" c="dimmed">
                    {t("building.estimated", { share: format.percent(share) })}
                  </Text>
                )}
                <Plots plots={plots} />
              </Stack>
            )}
          </Loaded>
          <Group>
            <Button type="submit" loading={freezing.isPending} disabled={total === 0}>
              {t("releases.freeze")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function recordCount(counts: Release["counts"] | undefined): number | undefined {
  return Object.values(counts ?? {})
    .flatMap((splits) => Object.values(splits))
    .reduce((sum, count) => sum + count, 0);
}
