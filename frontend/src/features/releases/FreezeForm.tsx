import { Button, Group, MultiSelect, Stack, Switch, TagsInput, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { protocolsOptions, releasesOptions } from "@/shared/api/queries";
import type { Release } from "@/shared/api/types";
import { freeze, previewOptions, type Selection } from "./api";
import { CountTable } from "./CountTable";
import { LeftOut } from "./LeftOut";

interface Props {
  projectId: number;
  onFrozen: (release: Release) => void;
}

/** Choose what goes in, see how much that is, and freeze it. */
export function FreezeForm({ projectId, onFrozen }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const protocols = useInfiniteQuery(protocolsOptions(projectId)).data ?? [];
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
  const choose = (change: Selection) => setDraft((old) => ({ ...old, ...change }));
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    freezing.mutate();
  };
  return (
    <Panel title={t("releases.new")} description={t("releases.new_detail")}>
      <form onSubmit={send}>
        <Stack>
          <ProblemNotice error={freezing.error} />
          <Group grow align="flex-start">
            <TextInput
              label={t("releases.name")}
              required
              maxLength={120}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <MultiSelect
              label={t("nav.protocols")}
              placeholder={draft.protocols ? undefined : t("releases.all_protocols")}
              data={protocols.map(({ id, name }) => ({ value: String(id), label: name }))}
              value={draft.protocols?.map(String) ?? []}
              onChange={(ids) => choose({ protocols: ids.length > 0 ? ids.map(Number) : undefined })}
            />
          </Group>
          <Group grow align="flex-start">
            <TextInput
              type="date"
              label={t("releases.from")}
              value={draft.date_from ?? ""}
              onChange={(event) => choose({ date_from: event.currentTarget.value || undefined })}
            />
            <TextInput
              type="date"
              label={t("releases.to")}
              value={draft.date_to ?? ""}
              onChange={(event) => choose({ date_to: event.currentTarget.value || undefined })}
            />
            <TagsInput
              label={t("releases.languages")}
              placeholder={draft.languages ? undefined : t("releases.all_languages")}
              value={draft.languages ?? []}
              onChange={(languages) => choose({ languages: languages.length > 0 ? languages : undefined })}
            />
          </Group>
          <Switch
            label={t("releases.spares")}
            checked={draft.include_spares ?? false}
            onChange={(event) => choose({ include_spares: event.currentTarget.checked || undefined })}
          />
          <Loaded query={preview} loading={<Loading rows={3} height={38} />}>
            {({ counts, left_out }) => (
              <Stack gap="xs">
                <CountTable counts={counts} />
                <LeftOut leftOut={left_out} />
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
