import { Button, Group, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "@/shared/components/announcer";
import { Markdown } from "@/shared/components/Markdown";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Protocol } from "@/shared/api/types";
import { guidelinesOptions } from "@/shared/api/queries";
import { protocolOptions, publishGuideline } from "./api";
import classes from "./GuidelineEditor.module.css";

interface Props {
  projectId: number;
  protocol: Protocol;
}

/** Write the next version beside its preview. Versions are kept: every answer names the one it was given under. */
export function GuidelineEditor({ projectId, protocol }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const current = protocol.guideline?.markdown ?? "";
  const [text, setText] = useState(current);
  const [note, setNote] = useState("");
  const versions = useInfiniteQuery(guidelinesOptions(projectId, protocol.id)).data ?? [];
  const publishing = useMutation({
    mutationFn: () => publishGuideline(projectId, protocol.id, { markdown: text, change_note: note }),
    onSuccess: (version) => {
      announce(t("guideline.published", { number: version.number }));
      return queries.invalidateQueries({ queryKey: protocolOptions(projectId, protocol.id).queryKey });
    },
  });
  const choices = versions.map((version) => ({
    value: String(version.number),
    label: t("guideline.version", { number: version.number, when: format.dateTime(version.created_at) }),
  }));
  const show = (number: string | null) => {
    const version = versions.find((one) => String(one.number) === number);
    if (version) setText(version.markdown);
  };
  return (
    <Panel
      title={t("claim.guideline")}
      description={t("guideline.detail")}
      actions={
        <Select
          aria-label={t("guideline.versions")}
          placeholder={t("guideline.versions")}
          data={choices}
          value={null}
          onChange={show}
          w={260}
          disabled={choices.length === 0}
        />
      }
    >
      <ProblemNotice error={publishing.error} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Stack gap={6}>
          <Text size="sm" fw={500}>
            {t("writing.mode.write")}
          </Text>
          <Textarea
            aria-label={t("guideline.text")}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            classNames={{ input: classes.input }}
          />
        </Stack>
        <Stack gap={6}>
          <Text size="sm" fw={500}>
            {t("writing.preview")}
          </Text>
          <div className={classes.preview} role="region" aria-label={t("writing.preview")} tabIndex={0}>
            {text.trim() ? <Markdown text={text} /> : <Text c="dimmed">{t("writing.nothing_yet")}</Text>}
          </div>
        </Stack>
      </SimpleGrid>
      {current !== "" && text !== current && (
        <TextInput
          label={t("guideline.note")}
          description={t("guideline.note_hint")}
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
      )}
      <Group>
        <Button
          onClick={() => publishing.mutate()}
          loading={publishing.isPending}
          disabled={text.trim() === "" || text === current}
        >
          {t("guideline.publish")}
        </Button>
        {text !== current && (
          <Button variant="subtle" color="gray" onClick={() => setText(current)}>
            {t("guideline.discard")}
          </Button>
        )}
      </Group>
    </Panel>
  );
}
