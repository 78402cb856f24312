import { SimpleGrid, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import type { ReleasePlots } from "@/shared/api/types";
import { Bars, type Bar } from "./Bars";

const MOST_ANNOTATORS = 8;
const TIES = ["none", "some", "all"] as const;

/** What the chosen records look like: lengths, K, ties, languages, people and how far they agree. */
export function Plots({ plots }: { plots: ReleasePlots }) {
  const { t } = useTranslation();
  const format = useFormat();
  const others = plots.annotators_in_all - MOST_ANNOTATORS;
  const shown: [string, Bar[]][] = [
    [t("building.lengths"), classes(plots.lengths, format.integer)],
    [t("building.k"), Object.entries(plots.k).map(([name, count]) => ({ name, count }))],
    [t("building.ties"), TIES.map((name) => ({ name: t(`building.tie.${name}`), count: plots.ties[name] ?? 0 }))],
    [
      t("building.languages"),
      Object.entries(plots.languages).map(([code, count]) => ({
        name: code ? format.language(code) : t("building.unknown"),
        count,
      })),
    ],
    [
      t("building.annotators"),
      plots.annotators.slice(0, MOST_ANNOTATORS).map(({ annotator, count }) => ({ name: annotator, count })),
    ],
    [t("building.agreement"), classes(plots.agreement, format.percent)],
  ];
  return (
    <Stack gap="xs">
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="xl">
        {shown
          .filter(([, bars]) => bars.some((bar) => bar.count > 0))
          .map(([title, bars]) => (
            <Bars key={title} title={title} bars={bars} />
          ))}
      </SimpleGrid>
      {others > 0 && (
        <Text size="sm" c="dimmed">
          {t("building.other_annotators", { count: others, shown: format.integer(others) })}
        </Text>
      )}
    </Stack>
  );
}

/** The classes of a histogram, each named by where it begins and where the next one does. */
function classes(bars: ReleasePlots["lengths"], name: (value: number) => string): Bar[] {
  return bars.map((bar, place) => {
    const next = bars[place + 1];
    return { name: next ? `${name(bar.from)} – ${name(next.from)}` : `${name(bar.from)} –`, count: bar.count };
  });
}
