import { Button, Group, List, SegmentedControl, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Markdown } from "@/shared/components/Markdown";
import { ProblemNotice } from "@/shared/components/Problem";
import type { GuidelineDetail } from "@/shared/api/types";
import { useFormat } from "@/shared/i18n/useFormat";
import { markRead, newsOptions } from "./api";
import { GuidelineChanges } from "./GuidelineChanges";

export type Version = GuidelineDetail["newest"];

interface Props {
  protocol: number;
  version: Version;
  /** What is known of the reader; undefined while it loads: the text itself need not wait. */
  news: GuidelineDetail | undefined;
  onRead: () => void;
}

const VIEWS = ["changes", "whole"] as const;

/** A guideline; where the reader knows an earlier version, what has changed since, and a way to say it is read. */
export function GuidelineText({ protocol, version, news, onRead }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const [view, setView] = useState<(typeof VIEWS)[number]>("changes");
  const reading = useMutation({
    mutationFn: () => markRead(protocol, version.number),
    onSuccess: () => {
      onRead();
      return queries.invalidateQueries({ queryKey: newsOptions.queryKey });
    },
  });
  const isNew = news !== undefined && version.number > (news.read_number ?? 0);
  const before = isNew ? news.before : null;
  const changes = news?.changes.filter((change) => change.number <= version.number) ?? [];
  return (
    <Stack gap="md">
      {before && (
        <Stack gap="xs">
          <List size="sm" spacing={4} aria-label={t("guideline.changed")}>
            {changes.map((change) => (
              <List.Item key={change.number}>
                {change.change_note || t("guideline.no_note", { number: change.number })}{" "}
                <Text span size="sm" c="dimmed">
                  {format.ago(change.created_at)}
                </Text>
              </List.Item>
            ))}
          </List>
          <SegmentedControl
            size="xs"
            w="fit-content"
            aria-label={t("guideline.view.label")}
            data={VIEWS.map((value) => ({ value, label: t(`guideline.view.${value}`) }))}
            value={view}
            onChange={setView}
          />
        </Stack>
      )}
      {before && view === "changes" ? (
        <div>
          <GuidelineChanges before={before.markdown} now={version.markdown} />
        </div>
      ) : (
        <Markdown text={version.markdown} />
      )}
      <ProblemNotice error={reading.error} />
      {isNew && (
        <Group>
          <Button onClick={() => reading.mutate()} loading={reading.isPending}>
            {t("guideline.mark_read")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
