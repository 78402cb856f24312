import { Stack } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { CompletionCard } from "@/shared/components/answers/CompletionCard";
import { Conversation } from "@/shared/components/Conversation";
import { useCommands } from "@/shared/hooks/commands";
import { labelsConfig } from "@/shared/api/protocolConfig";
import type { LabelsPayload } from "@/shared/api/types";
import type { DeskProps } from "../ClaimScreen";
import { Desk } from "../Desk";
import { draftOf } from "../draftOf";
import { ChoiceList } from "../rating/ChoiceList";
import { choiceCommands } from "../rating/ratingCommands";
import { ReadAndRate } from "../rating/ReadAndRate";
import { Reason, useReason } from "../Reason";
import { MissingNotice } from "../steps/MissingNotice";
import { useClaimWork } from "../useClaimWork";

const commands = choiceCommands(0);
const NO_FLAGS = { flags: [], toggle: () => undefined };

/** A prompt, or one completion of it: which labels fit. */
export function LabelsDesk({ claim, onEnd }: DeskProps) {
  const { t } = useTranslation();
  const config = useMemo(() => labelsConfig(claim.protocol.config), [claim.protocol.config]);
  const [draft] = useState(() => draftOf<LabelsPayload>(claim));
  const [labels, setLabels] = useState<readonly string[]>(draft.labels ?? []);
  const reason = useReason(draft.rationale, config.require_rationale);
  const payload = useMemo<LabelsPayload>(
    () => ({ labels: [...labels], rationale: reason.text }),
    [labels, reason.text],
  );
  const work = useClaimWork(claim, payload, onEnd, "labels");
  const [wasTried, setTried] = useState(false);

  const choose = (name: string) =>
    setLabels((before) => {
      if (!config.multiple) return [name];
      return before.includes(name) ? before.filter((other) => other !== name) : [...before, name];
    });
  useCommands(commands, { options: config.options, choose, ...NO_FLAGS });
  const missing = [
    ...(labels.length === 0 && !config.multiple ? [{ text: t("labels.one"), go: () => undefined }] : []),
    ...(reason.isMissing ? [{ text: t("ranking.rationale_required"), go: reason.focus }] : []),
  ];
  const submit = () => {
    setTried(true);
    reason.miss();
    if (missing[0]) missing[0].go();
    else work.submit();
  };
  const reading = (
    <>
      <Conversation messages={claim.messages} />
      {claim.completions.map(({ label, text }) => (
        <CompletionCard key={label} label={t("conversation.completion")} text={text} />
      ))}
    </>
  );
  return (
    <Desk
      claim={claim}
      work={work}
      canSubmit
      submit={submit}
      submitsOnEnter
      notice={wasTried && <MissingNotice missing={missing} />}
    >
      <ReadAndRate reading={reading} label={t("labels.title")}>
        <Stack gap="lg">
          <ChoiceList
            title={t(config.multiple ? "labels.several" : "labels.one")}
            options={config.options}
            chosen={labels}
            multiple={config.multiple}
            onChoose={choose}
          />
          <Reason reason={reason} />
        </Stack>
      </ReadAndRate>
    </Desk>
  );
}
