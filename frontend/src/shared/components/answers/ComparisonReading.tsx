import { Badge, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ComparisonPayload } from "@/shared/api/types";
import { Markdown } from "../Markdown";
import { Panel } from "../Panel";
import { CompletionCard } from "./CompletionCard";
import { OutputReading } from "./RankingReading";
import { Rationale } from "./Rationale";
import type { ReadingProps } from "./reading";
import { SIDES, useVerdict } from "./useVerdict";

export function ComparisonReading({ payload, config, completions }: ReadingProps) {
  const { t } = useTranslation();
  const verdict = useVerdict();
  const { preferred, strength, both_bad, rationale, edit, outputs } = payload as unknown as ComparisonPayload;
  const side = (label: unknown) => SIDES[completions.findIndex((completion) => completion.label === String(label))];
  const chosen = preferred === null || preferred === undefined ? null : side(preferred);
  const levels = Number(config?.["strength_levels"] ?? 0);
  return (
    <Stack gap="md">
      <Group gap="sm">
        <Text fw={600}>{verdict(chosen ?? null, strength ?? 0, levels)}</Text>
        {both_bad && (
          <Badge color="red" variant="light" tt="none">
            {t("comparison.both_bad")}
          </Badge>
        )}
      </Group>
      <Rationale text={rationale} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {completions.map(({ label, text, source }, index) => (
          <CompletionCard
            key={label}
            name={SIDES[index] ?? ""}
            label={t("comparison.side", { side: SIDES[index] })}
            text={text}
            isSelected={chosen !== null && chosen === SIDES[index]}
            tools={source}
          >
            {outputs?.[label] && <OutputReading facts={outputs[label]} scale={0} />}
          </CompletionCard>
        ))}
      </SimpleGrid>
      {edit && (
        <Panel title={t("comparison.edited", { side: side(edit.of) })}>
          <Markdown text={edit.text} keepLines />
        </Panel>
      )}
    </Stack>
  );
}
