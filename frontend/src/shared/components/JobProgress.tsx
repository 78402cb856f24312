import { Group, Progress, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { isFinal } from "@/shared/api/live";
import { useFormat } from "@/shared/i18n/useFormat";

interface Props {
  state: string;
  done: number;
  total: number;
  detail?: string;
}

/** How far a job is. Keeps its height when the job ends. */
export function JobProgress({ state, done, total, detail }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const complete = state === "done" || state === "frozen";
  return (
    <Stack gap={6}>
      <Progress
        value={complete ? 100 : share * 100}
        color={state === "failed" ? "red" : isFinal(state) && !complete ? "gray" : undefined}
        animated={state === "running" && total === 0}
        aria-label={t("state.progress")}
        size="md"
        radius="xl"
      />
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {detail ?? "\u00a0"}
        </Text>
        <Text size="sm" c="dimmed">
          {format.percent(complete ? 1 : share)}
        </Text>
      </Group>
    </Stack>
  );
}
