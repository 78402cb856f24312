import { Alert, Button, Divider, Group, Modal, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconPlus } from "@tabler/icons-react";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "@/shared/components/announcer";
import { ProblemNotice } from "@/shared/components/Problem";
import { ProtocolSelect } from "@/shared/components/ProtocolSelect";
import { promptConfig } from "@/shared/api/protocolConfig";
import type { Protocol } from "@/shared/api/types";
import { openBriefs } from "./api";
import { BriefFields } from "./BriefFields";
import { fitted, newBrief, type Brief } from "./briefs";

/** As many as the server takes at once. */
const MOST_BRIEFS = 100;
const MOST_COPIES = 1_000;

interface Props {
  projectId: number;
  /** Those in which prompts are written: at least one. */
  protocols: readonly [Protocol, ...Protocol[]];
  opened: boolean;
  onClose: () => void;
}

/** Asks for prompts: what kind, and how many. */
export function OpenBriefsDialog({ projectId, protocols, opened, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [protocolId, setProtocol] = useState(protocols[0].id);
  const config = promptConfig((protocols.find(({ id }) => id === protocolId) ?? protocols[0]).config);
  const [begun, setBriefs] = useState<readonly Brief[]>([newBrief(config)]);
  const briefs = begun.map((brief) => fitted(brief, config));
  const [copies, setCopies] = useState<number | string>(10);
  const [language, setLanguage] = useState("");
  const opening = useMutation({
    mutationFn: (copies: number) =>
      openBriefs(projectId, { protocol: protocolId, briefs, copies, language: language.trim() || undefined }),
    onSuccess: ({ opened, already_there }) => {
      if (opened === 0) return;
      const said = t("briefs.opened", { count: opened });
      announce(already_there > 0 ? `${said} ${t("briefs.already_there", { count: already_there })}` : said);
      onClose();
      return queries.invalidateQueries({ queryKey: ["project", projectId] });
    },
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    opening.mutate(Number(copies));
  };
  const change = (at: number, brief: Brief) => setBriefs(briefs.map((old, index) => (index === at ? brief : old)));
  const remove = (at: number) => () => setBriefs(briefs.filter((_, index) => index !== at));
  return (
    <Modal opened={opened} onClose={onClose} title={t("briefs.title")} size="lg">
      <form onSubmit={send}>
        <Stack>
          <Text size="sm" c="dimmed">
            {t("briefs.detail")}
          </Text>
          <ProtocolSelect
            projectId={projectId}
            kind="prompt"
            required
            value={protocolId}
            onChange={(id) => id && setProtocol(id)}
          />
          {briefs.map((brief, index) => (
            <BriefFields
              key={index}
              number={index + 1}
              config={config}
              value={brief}
              onChange={(changed) => change(index, changed)}
              onRemove={briefs.length > 1 ? remove(index) : undefined}
            />
          ))}
          <Group>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={14} />}
              disabled={briefs.length >= MOST_BRIEFS}
              onClick={() => setBriefs([...briefs, newBrief(config)])}
            >
              {t("briefs.add")}
            </Button>
          </Group>
          <Divider />
          <Group grow align="flex-start">
            <NumberInput
              label={t("briefs.copies")}
              description={t("briefs.copies_hint")}
              required
              min={1}
              max={MOST_COPIES}
              clampBehavior="strict"
              allowDecimal={false}
              value={copies}
              onChange={setCopies}
            />
            <TextInput
              label={t("tasks.filter.language")}
              description={t("briefs.language_hint")}
              maxLength={16}
              value={language}
              onChange={(event) => setLanguage(event.currentTarget.value)}
            />
          </Group>
          <ProblemNotice error={opening.error} />
          {opening.data?.opened === 0 && (
            <Alert role="status" color="yellow">
              {t("briefs.none_new", { count: opening.data.already_there })}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button type="submit" loading={opening.isPending} disabled={Number(copies) < 1}>
              {t("briefs.open", { count: briefs.length * Number(copies) })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
