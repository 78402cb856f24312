import { Alert, Button, Group, Select, SimpleGrid, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { isFinal } from "@/shared/api/live";
import { asProblem } from "@/shared/api/problem";
import { releasesOptions } from "@/shared/api/queries";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Run, RunOptions } from "@/shared/api/types";
import { orderPreview, runsOptions, startRun, type NewRun } from "./api";
import { ConfigField } from "./ConfigField";
import { LearningCurve } from "./LearningCurve";
import { Judges } from "./Judges";
import { RunPreview } from "./RunPreview";
import {
  changedConfig,
  hasDial,
  isPreviewed,
  refines,
  shownFields,
  usualStart,
  type StageName,
  type Values,
} from "./runFields";

interface Props {
  projectId: number;
  options: RunOptions;
  release?: number;
  onStarted: (run: Run) => void;
}

export function RunForm({ projectId, options, release: given, onStarted }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const releases = (useInfiniteQuery(releasesOptions(projectId)).data ?? []).filter(
    (release) => release.digest_sha256 && isFinal(release.state),
  );
  const [chosen, setRelease] = useState<number | undefined>(given);
  // Where there is one release alone, nobody has to choose it.
  const release = chosen ?? (releases.length === 1 ? releases[0]?.id : undefined);
  const [stageName, setStage] = useState<StageName>("sft");
  const stage = options.stages.find((one) => one.stage === stageName);
  const [start, setStart] = useState<string | null>(null);
  const [values, setValues] = useState<Values>({});
  const [judge, setJudge] = useState<string | null>(null);
  const [gold, setGold] = useState<string | null>(null);
  const [isWhole, setWhole] = useState(false);
  const starts = startChoices(options, stage?.presets ?? [], refines(stageName));
  const chosenStart =
    start ?? starts.find(({ value }) => value === usualStart(stageName))?.value ?? starts[0]?.value ?? "";
  const starting = useMutation({
    mutationFn: (order: NewRun) => startRun(projectId, order),
    onSuccess: async (run) => {
      await queries.invalidateQueries({ queryKey: runsOptions(projectId).queryKey });
      onStarted(run);
    },
  });
  const previewing = useMutation({ mutationFn: (order: NewRun) => orderPreview(projectId, order) });
  const order: NewRun | null =
    release === undefined
      ? null
      : {
          release,
          stage: stageName,
          start: parseStart(chosenStart),
          config: changedConfig(stage?.fields ?? [], values),
          ...(judge ? { judge: Number(judge) } : {}),
          ...(gold && stageName === "rl" ? { gold: Number(gold) } : {}),
        };
  const refused = starting.error ?? previewing.error;
  const fieldErrors = refused ? asProblem(refused).fields : {};
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (order) starting.mutate(order);
  };
  // Presets and settings of one stage mean nothing to another.
  const changeStage = (name: StageName) => {
    setStage(name);
    setStart(null);
    setJudge(null);
    setGold(null);
    setValues({});
  };
  // Whoever lets a model choose wants the look that it chose.
  const changeJudge = (id: string | null) => {
    setJudge(id);
    if (id && (values.keep ?? "last") === "last") setValues((old) => ({ ...old, keep: "best" }));
  };
  const installing = options.training_installed;
  return (
    <form onSubmit={send}>
      <Stack gap="lg">
        <ProblemNotice error={refused} />
        {!isFinal(installing.state) && (
          <Alert color="yellow" title={t("runs.installing", { percent: format.percent(installing.percent / 100) })}>
            {installing.message}
          </Alert>
        )}
        <Panel title={t("runs.what")}>
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <Select
              label={t("runs.release")}
              required
              data={releases.map(({ id, name }) => ({ value: String(id), label: name }))}
              value={release === undefined ? null : String(release)}
              onChange={(id) => setRelease(id ? Number(id) : undefined)}
              description={t("runs.release_hint")}
              nothingFoundMessage={t("releases.empty")}
            />
            <Select
              label={t("runs.stage")}
              required
              allowDeselect={false}
              data={options.stages.map((one) => ({ value: one.stage, label: t(`stage.${one.stage}`) }))}
              value={stageName}
              onChange={(value) => value && changeStage(value)}
              description={t(`runs.stage_hint.${stageName}`)}
            />
            <Select
              label={t("runs.start")}
              required
              allowDeselect={false}
              data={starts}
              value={chosenStart}
              onChange={setStart}
              description={t("runs.start_hint")}
            />
            {stageName === "rl" && (
              <Judges
                options={options}
                judge={judge}
                gold={gold}
                onJudge={setJudge}
                onGold={setGold}
                errors={fieldErrors}
              />
            )}
            {stageName === "sft" && (
              <Select
                label={t("runs.judge")}
                clearable
                data={options.judge_models.map(({ id, name }) => ({ value: String(id), label: name }))}
                value={judge}
                onChange={changeJudge}
                placeholder={t("runs.judged_by_loss")}
                nothingFoundMessage={t("runs.no_judge")}
                description={t("runs.judge_hint")}
                error={fieldErrors.judge}
              />
            )}
          </SimpleGrid>
        </Panel>
        <Panel
          title={t("runs.config")}
          description={t("runs.config_detail")}
          actions={
            hasDial(stageName) && (
              <Button variant="subtle" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
                {t(isWhole ? "pretraining.fewer" : "pretraining.more")}
              </Button>
            )
          }
        >
          <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }} spacing="lg">
            {shownFields(stageName, stage?.fields ?? [], isWhole, judge !== null).map((field) => (
              <ConfigField
                key={field.name}
                field={field}
                value={values[field.name]}
                error={fieldErrors[field.name]}
                onChange={(value) => setValues((old) => ({ ...old, [field.name]: value }))}
              />
            ))}
          </SimpleGrid>
        </Panel>
        {isPreviewed(stageName) && <RunPreview projectId={projectId} order={order} ordering={previewing} />}
        {(stageName === "sft" || stageName === "reward") && (
          <LearningCurve projectId={projectId} release={release} stage={stageName} order={order} />
        )}
        <Group>
          <Button type="submit" size="md" loading={starting.isPending} disabled={release === undefined}>
            {t("runs.submit")}
          </Button>
          {release === undefined && (
            <Text size="sm" c="dimmed">
              {t("runs.needs_release")}
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}

function startChoices(options: RunOptions, presets: RunOptions["stages"][number]["presets"], isRefined: boolean) {
  return [
    ...presets.map((preset) => ({ value: `preset:${preset.name}`, label: preset.name })),
    ...options.start_models
      .filter((model) => !isRefined || model.deployable)
      .map((model) => ({ value: `model:${model.id}`, label: model.name })),
    ...options.base_models.map((name) => ({ value: `base:${name}`, label: name })),
  ];
}

function parseStart(choice: string): { preset: string } | { model: number } | { base: string } {
  const name = choice.slice(choice.indexOf(":") + 1);
  if (choice.startsWith("base:")) return { base: name };
  return choice.startsWith("model:") ? { model: Number(name) } : { preset: name };
}
