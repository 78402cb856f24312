import { Button, Group, SegmentedControl, Stack, Switch, Text, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { SIDES } from "@/shared/components/answers/useVerdict";
import { comparisonCommands, type ComparisonContext } from "@/shared/components/comparison/comparisonCommands";
import { isEdited, payloadOf, preferredBy, stepsOf, type Decision } from "@/shared/components/comparison/decision";
import { PreferenceScale } from "@/shared/components/comparison/PreferenceScale";
import { Markdown } from "@/shared/components/Markdown";
import { ProblemNotice } from "@/shared/components/Problem";
import { comparisonConfig } from "@/shared/api/protocolConfig";
import { useCommands } from "@/shared/hooks/commands";
import { useActiveSeconds } from "@/shared/hooks/useActiveSeconds";
import type { ChatChoice, ChatConversation, ChatTurn, Edit } from "@/shared/api/types";
import { chooseTurn, conversationOptions } from "./api";
import classes from "./Chat.module.css";
import { chatCommands } from "./chatCommands";

const LABELS = ["c1", "c2"] as const;
const BY_CHANCE = "";

interface Props {
  projectId: number;
  conversation: ChatConversation;
  /** What was said, and the choice between the answers to it. */
  said: ChatTurn & { choice: ChatChoice };
}

/** Two answers side by side, and which one goes on. Who wrote which is not known here before. */
export function TwoAnswers({ projectId, conversation, said }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const config = comparisonConfig(said.choice.config);
  const textOf = (id: number) => conversation.turns.find((turn) => turn.id === id)?.text ?? "";
  const items = [said.choice.left, said.choice.right].map((id, at) => ({ label: LABELS[at] ?? "", text: textOf(id) }));
  const steps = stepsOf(config);
  const seconds = useActiveSeconds(0);
  const [decision, setDecision] = useState<Decision>(null);
  const [bothBad, setBothBad] = useState(false);
  const [edit, setEdit] = useState<Edit | null>(null);
  const [rationale, setRationale] = useState("");
  const [goesOn, setGoesOn] = useState(BY_CHANCE);
  const preferred = preferredBy(decision, LABELS);
  const nameOf = (label: string | null) => SIDES[label === "c2" ? 1 : 0];
  // An edit stands above the better one, so that both stay together.
  const decide = (to: number) => {
    setDecision(to);
    if (edit && edit.of !== preferredBy(to, LABELS) && !isEdited(edit, items)) setEdit(null);
  };
  const isClash = edit !== null && isEdited(edit, items) && (bothBad || edit.of !== (preferred ?? edit.of));
  const mayChoose = decision !== null && !isClash && !(config.require_rationale && rationale.trim() === "");
  const choosing = useMutation({
    mutationFn: () =>
      chooseTurn(projectId, conversation.id, said.id, {
        payload: { ...payloadOf(config, items, { decision, bothBad, rationale, edit, outputs: {} }) },
        continue_with: preferred === null && goesOn !== BY_CHANCE ? (goesOn as "c1" | "c2") : null,
        seconds: seconds(),
      }),
    onSuccess: (found) => queries.setQueryData(conversationOptions(projectId, conversation.id).queryKey, found),
  });
  const choose = () => mayChoose && !choosing.isPending && choosing.mutate();
  const context: ComparisonContext = {
    steps,
    decision,
    allowsTie: config.allow_ties,
    canEdit: edit === null && preferred !== null && !bothBad,
    decide,
    toggleBothBad: () => setBothBad((was) => !was),
    startEdit: () =>
      preferred !== null && setEdit({ of: preferred, text: items.find((one) => one.label === preferred)?.text ?? "" }),
  };
  useCommands(comparisonCommands(config.allow_ties, config.allow_edit), context);
  useCommands(chatCommands.choosing, { choose });
  return (
    <Stack component="section" gap="sm" aria-label={config.instruction || t("chat.two.choose")}>
      <Text fw={600}>{config.instruction || t("chat.two.choose")}</Text>
      <Sides>
        {items.map(({ label, text }) => (
          <Side key={label} name={t("comparison.side", { side: nameOf(label) })} isMarked={label === preferred}>
            <Markdown text={text} keepLines />
          </Side>
        ))}
      </Sides>
      <PreferenceScale steps={steps} levels={config.strength_levels} decision={decision} onDecide={decide} />
      <Group gap="md">
        <Switch size="sm" label={t("comparison.both_bad")} checked={bothBad} onChange={context.toggleBothBad} />
        {config.allow_edit && edit === null && (
          <Button size="compact-sm" variant="default" disabled={!context.canEdit} onClick={context.startEdit}>
            {t("chat.two.edit")}
          </Button>
        )}
      </Group>
      {decision === 0 && (
        <SegmentedControl
          aria-label={t("chat.two.goes_on")}
          data={[
            { value: BY_CHANCE, label: t("chat.two.by_chance") },
            ...LABELS.map((label) => ({ value: label, label: t("comparison.side", { side: nameOf(label) }) })),
          ]}
          value={goesOn}
          onChange={setGoesOn}
          style={{ alignSelf: "flex-start" }}
        />
      )}
      {edit && (
        <>
          <Textarea
            label={t("comparison.edited", { side: nameOf(edit.of) })}
            error={isClash && t(bothBad ? "comparison.obstacle.edit_of_bad" : "comparison.obstacle.edit_of_other")}
            maxLength={20_000}
            autosize
            autoFocus
            value={edit.text}
            onChange={(event) => setEdit({ ...edit, text: event.currentTarget.value })}
          />
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            onClick={() => setEdit(null)}
            style={{ alignSelf: "flex-start" }}
          >
            {t("comparison.drop_edit")}
          </Button>
        </>
      )}
      {config.require_rationale && (
        <Textarea
          label={t("chat.two.reason")}
          required
          maxLength={5_000}
          autosize
          value={rationale}
          onChange={(event) => setRationale(event.currentTarget.value)}
        />
      )}
      <ProblemNotice error={choosing.error} />
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {t("chat.two.keys")} {t("chat.two.blind")}
        </Text>
        <Button size="sm" onClick={choose} loading={choosing.isPending} disabled={!mayChoose}>
          {t("chat.two.submit")}
        </Button>
      </Group>
    </Stack>
  );
}

/** Side by side; on a phone one above the other. */
export function Sides({ children }: { children: ReactNode }) {
  return <div className={classes.sides}>{children}</div>;
}

export function Side({ name, isMarked, children }: { name: string; isMarked?: boolean; children: ReactNode }) {
  return (
    <article aria-label={name} className={classes.side} data-marked={isMarked || undefined}>
      <Text size="sm" fw={600} c="dimmed">
        {name}
      </Text>
      {children}
    </article>
  );
}
