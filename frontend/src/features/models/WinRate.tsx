import { Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { ModelDetail, WinRate as Found } from "@/shared/api/types";
import { Figures, type Figure } from "@/shared/components/Figures";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { useFormat } from "@/shared/i18n/useFormat";
import { comparisonsOptions, winRateOptions } from "./compare";
import { CompareForm } from "./CompareForm";
import { ComparisonRow } from "./ComparisonRow";

interface Props {
  projectId: number;
  model: ModelDetail;
  mayWrite: boolean;
}

/** How often people prefer a refined model to the one before it, and the way to ask them. */
export function WinRate({ projectId, model, mayWrite }: Props) {
  const { t } = useTranslation();
  const query = useQuery(winRateOptions(projectId, model.id));
  const comparisons = useInfiniteQuery(comparisonsOptions(projectId, model.id)).data ?? [];
  const found = query.data;
  if (!found?.baseline) return <ProblemNotice error={query.error} />;
  const before = found.baseline.name;
  return (
    <Panel title={t("compare.title")} description={t("compare.detail", { before })}>
      <Stack gap="lg">
        {found.needed !== null && <Waiting found={found} needed={found.needed} />}
        {found.people.overall ? (
          <Verdict found={found} />
        ) : (
          <Text c="dimmed">{t(found.tasks > 0 ? "compare.none_done" : "compare.none", { count: found.tasks })}</Text>
        )}
        {comparisons.map((comparison) => (
          <ComparisonRow key={comparison.id} projectId={projectId} comparison={comparison} />
        ))}
        {mayWrite && model.stale_at === null && <CompareForm projectId={projectId} modelId={model.id} />}
      </Stack>
    </Panel>
  );
}

function Waiting({ found, needed }: { found: Found; needed: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const low = found.people.overall?.low;
  const waits = low === undefined ? "compare.waits_unheard" : "compare.waits";
  return (
    <Text size="sm" role="status">
      {t(found.is_waiting ? waits : "compare.passed", {
        needed: format.percent(needed),
        low: format.percent(low ?? 0),
      })}
    </Text>
  );
}

function Verdict({ found }: { found: Found }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { people, reward } = found;
  const share = (label: string, value: number | null | undefined, note?: string): Figure[] =>
    value === null || value === undefined ? [] : [{ label, value: format.percent(value), note }];
  const range = people.overall && {
    low: format.percent(people.overall.low),
    high: format.percent(people.overall.high),
  };
  const sides = people.shown_first &&
    people.shown_second && {
      first: format.percent(people.shown_first.rate),
      second: format.percent(people.shown_second.rate),
    };
  return (
    <Stack gap="sm">
      <Figures
        figures={[
          ...share(t("compare.rate"), people.overall?.rate, range ? t("compare.interval", range) : undefined),
          ...share(t("compare.balanced"), people.balanced, sides ? t("compare.sides", sides) : undefined),
          ...share(
            t("compare.agreement"),
            people.agreement,
            t("compare.agreement_note", { tasks: format.integer(people.judged_twice) }),
          ),
          ...share(
            t("compare.reward"),
            reward.share,
            t("compare.reward_note", { difference: format.decimal(reward.mean_difference ?? 0) }),
          ),
          ...share(
            t("compare.reward_agrees"),
            reward.agreement,
            t("compare.agreement_note", { tasks: format.integer(reward.agreement_tasks) }),
          ),
        ]}
      />
      <Text size="sm">
        {t("compare.counts", {
          done: format.integer(found.done),
          tasks: format.integer(found.tasks),
          verdicts: format.integer(people.verdicts),
          judges: format.integer(people.judges),
          ties: format.integer(people.ties),
        })}
      </Text>
      <Text size="sm" c="dimmed">
        {t("compare.anytime")}
      </Text>
    </Stack>
  );
}
