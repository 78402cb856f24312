import { Group, Switch } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { SIDES } from "@/shared/components/answers/useVerdict";
import { CommandKeys } from "@/shared/components/Keys";
import { useCommands } from "@/shared/hooks/commands";
import { comparisonConfig } from "@/shared/api/protocolConfig";
import type { ComparisonPayload, Flags } from "@/shared/api/types";
import type { DeskProps } from "../ClaimScreen";
import { Desk } from "../Desk";
import { draftOf } from "../draftOf";
import { FlagList } from "../rating/FlagList";
import { CompletionReader } from "../reading/CompletionReader";
import { PromptPanel } from "../reading/PromptPanel";
import { readingCommands } from "../reading/readingCommands";
import { useReading } from "../reading/useReading";
import { Reason, useReason } from "../Reason";
import { MissingNotice } from "../steps/MissingNotice";
import { useClaimWork } from "../useClaimWork";
import {
  bothBadCommand,
  comparisonCommands,
  type ComparisonContext,
} from "@/shared/components/comparison/comparisonCommands";
import classes from "./ComparisonDesk.module.css";
import {
  decisionOf,
  obstaclesOf,
  payloadOf,
  preferredBy,
  stepsOf,
  type Judgement,
  type Obstacle,
} from "@/shared/components/comparison/decision";
import { EditBetter } from "./EditBetter";
import { PreferenceScale, SCALE_ID } from "@/shared/components/comparison/PreferenceScale";

/** The arrows move the decision here, so the texts are walked by other keys. */
const readingTable = readingCommands.all.filter((command) => !command.keys.some((key) => key.startsWith("Arrow")));

/** Two completions side by side: which is better, how much, why, and how it would be better still. */
export function ComparisonDesk({ claim, onEnd }: DeskProps) {
  const { t } = useTranslation();
  const config = useMemo(() => comparisonConfig(claim.protocol.config), [claim.protocol.config]);
  const items = useMemo(
    () => claim.completions.map(({ label, text }, index) => ({ label, text, name: SIDES[index] ?? "" })),
    [claim.completions],
  );
  const labels = useMemo(() => items.map(({ label }) => label), [items]);
  const [draft] = useState(() => draftOf<ComparisonPayload>(claim));
  const [selected, select] = useState(labels[0] ?? "");
  const [given, setGiven] = useState<Omit<Judgement, "rationale">>(() => ({
    decision: decisionOf(draft, labels),
    bothBad: draft.both_bad ?? false,
    edit: draft.edit ?? null,
    outputs: draft.outputs ?? {},
  }));
  const reason = useReason(draft.rationale, config.require_rationale);
  const reading = useReading("comparison", items, selected, select);
  const judgement = useMemo(() => ({ ...given, rationale: reason.text }), [given, reason.text]);
  const payload = useMemo(() => payloadOf(config, items, judgement), [config, items, judgement]);
  const work = useClaimWork(claim, payload, onEnd, given.edit ? "edit" : "comparison");
  const [wasTried, setTried] = useState(false);

  const preferred = preferredBy(given.decision, labels);
  const textOf = (label: string | null) => items.find((item) => item.label === label)?.text ?? "";
  const change = (part: Partial<Judgement>) => setGiven((before) => ({ ...before, ...part }));
  const steps = useMemo(() => stepsOf(config), [config]);
  const context: ComparisonContext = {
    steps,
    decision: given.decision,
    allowsTie: config.allow_ties,
    canEdit: given.edit === null && preferred !== null && !given.bothBad,
    decide: (decision) => {
      change({ decision });
      select(preferredBy(decision, labels) ?? selected);
    },
    toggleBothBad: () => setGiven((before) => ({ ...before, bothBad: !before.bothBad })),
    startEdit: () => preferred !== null && change({ edit: { of: preferred, text: textOf(preferred) } }),
  };
  const table = useMemo(() => comparisonCommands(config.allow_ties, config.allow_edit), [config]);
  useCommands(table, context);
  useCommands(readingTable, reading.context);

  const obstacles = obstaclesOf(config, items, judgement);
  const words = (obstacle: Obstacle) => ({
    text: t(`comparison.obstacle.${obstacle}`),
    go: obstacle === "reason" ? reason.focus : () => document.getElementById(SCALE_ID)?.focus(),
  });
  const submit = () => {
    setTried(true);
    reason.miss();
    if (obstacles[0]) words(obstacles[0]).go();
    else work.submit();
  };
  const toggleFlag = (label: string, name: string) =>
    setGiven((before) => {
      const facts = before.outputs[label] ?? {};
      return { ...before, outputs: { ...before.outputs, [label]: { ...facts, [name]: facts[name] !== true } } };
    });

  return (
    <Desk
      claim={claim}
      work={work}
      canSubmit
      submit={submit}
      submitsOnEnter
      decision={
        <PreferenceScale
          steps={steps}
          levels={config.strength_levels}
          decision={given.decision}
          onDecide={context.decide}
        />
      }
      notice={wasTried && <MissingNotice missing={obstacles.map(words)} />}
    >
      <div className={classes.desk}>
        <PromptPanel
          messages={claim.messages}
          isFolded={reading.isPromptFolded}
          onToggle={reading.context.togglePrompt}
        />
        <div className={classes.texts}>
          <CompletionReader
            reading={reading}
            marked={preferred}
            nameOf={({ name }) => t("comparison.side", { side: name })}
            noteOf={({ label }) => label === preferred && t("comparison.preferred")}
            belowOf={({ label, name }) =>
              config.completion_flags.length > 0 && (
                <FlagList
                  title={t("comparison.flags", { side: name })}
                  names={config.completion_flags}
                  values={(given.outputs[label] ?? {}) as Flags}
                  onToggle={(flag) => toggleFlag(label, flag)}
                  hasKeys={false}
                />
              )
            }
          />
        </div>
        <section className={classes.further} aria-label={t("comparison.further")}>
          <Group gap="sm">
            <Switch
              checked={given.bothBad}
              onChange={context.toggleBothBad}
              label={t("comparison.both_bad")}
              size="sm"
            />
            <CommandKeys command={bothBadCommand} />
          </Group>
          {config.allow_edit && (
            <EditBetter
              claimId={claim.id}
              context={context}
              edit={given.edit}
              side={items.find(({ label }) => label === given.edit?.of)?.name ?? ""}
              original={textOf(given.edit?.of ?? null)}
              onChange={(text) => given.edit && change({ edit: { ...given.edit, text } })}
              onDrop={() => change({ edit: null })}
              onPaste={work.pasted}
            />
          )}
          <Reason reason={reason} />
        </section>
      </div>
    </Desk>
  );
}
