import { Button, Group, Radio, SegmentedControl, Stack, Text, Textarea } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCategoryName } from "@/shared/components/answers/useCategoryName";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Appeal, AppealState } from "@/shared/api/types";
import { appealsOptions, decideAppeal } from "./api";
import classes from "./Chat.module.css";

const STATES = ["open", "accepted", "declined"] as const satisfies readonly AppealState[];

/** What people say the filter was wrong about. Each verdict teaches the next filter. */
export function AppealQueue({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const [state, setState] = useState<AppealState>("open");
  const query = useInfiniteQuery(appealsOptions(projectId, state));
  return (
    <Stack>
      <SegmentedControl
        aria-label={t("appeals.which")}
        data={STATES.map((name) => ({ value: name, label: t(`appeals.${name}`) }))}
        value={state}
        onChange={(name) => setState(name)}
        style={{ alignSelf: "flex-start" }}
      />
      <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.data?.length === 0 && <Text c="dimmed">{t("appeals.none")}</Text>}
      {query.data?.map((row) => (
        <AppealCard key={row.id} projectId={projectId} appeal={row} />
      ))}
      {query.hasNextPage && (
        <Button variant="default" onClick={() => void query.fetchNextPage()} style={{ alignSelf: "flex-start" }}>
          {t("action.load_more")}
        </Button>
      )}
    </Stack>
  );
}

function AppealCard({ projectId, appeal }: { projectId: number; appeal: Appeal }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [isShown, setShown] = useState(false);
  return (
    <Panel title={t(`appeals.side.${appeal.side}`)} description={format.ago(appeal.created_at)}>
      <Text className={isShown ? undefined : classes.hidden} aria-hidden={!isShown} style={{ whiteSpace: "pre-wrap" }}>
        {appeal.text}
      </Text>
      {!isShown && (
        <Button variant="default" size="xs" onClick={() => setShown(true)} style={{ alignSelf: "flex-start" }}>
          {t("appeals.show")}
        </Button>
      )}
      {appeal.reason && <Text size="sm">{t("appeals.says", { reason: appeal.reason })}</Text>}
      {appeal.state === "open" ? (
        <Verdict projectId={projectId} appeal={appeal} />
      ) : (
        <Text size="sm" c="dimmed">
          {t("appeals.decided", { name: appeal.reviewer?.name ?? "", note: appeal.note })}
        </Text>
      )}
    </Panel>
  );
}

function Verdict({ projectId, appeal }: { projectId: number; appeal: Appeal }) {
  const { t } = useTranslation();
  const nameOf = useCategoryName();
  const queries = useQueryClient();
  const [labels, setLabels] = useState<Record<string, boolean>>({});
  const [note, setNote] = useState("");
  const deciding = useMutation({
    mutationFn: () => decideAppeal(projectId, appeal.id, labels, note),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", projectId, "appeals"] }),
  });
  return (
    <Stack gap="sm">
      {appeal.categories.map((name) => (
        <Radio.Group
          key={name}
          label={t("appeals.question", { name: nameOf(name) })}
          value={name in labels ? String(labels[name]) : null}
          onChange={(value) => setLabels((now) => ({ ...now, [name]: value === "true" }))}
        >
          <Group mt={4}>
            <Radio value="true" label={t("appeals.holds")} />
            <Radio value="false" label={t("appeals.holds_not")} />
          </Group>
        </Radio.Group>
      ))}
      <Textarea
        label={t("appeals.note")}
        maxLength={2000}
        autosize
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <ProblemNotice error={deciding.error} />
      <Group>
        <Button
          loading={deciding.isPending}
          disabled={appeal.categories.some((name) => !(name in labels))}
          onClick={() => deciding.mutate()}
        >
          {t("appeals.decide")}
        </Button>
      </Group>
    </Stack>
  );
}
