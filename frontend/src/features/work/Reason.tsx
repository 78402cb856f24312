import { Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommands, type Command } from "@/shared/hooks/commands";

const REASON_ID = "reason";

const commands: readonly Command<() => void>[] = [
  { name: "rationale", group: "task", keys: ["n"], run: (focus) => focus() },
];
const NONE: typeof commands = [];

/** What somebody says of why they decided as they did. */
export function useReason(start: string | undefined, isRequired: boolean) {
  const [text, setText] = useState(start ?? "");
  const [wasMissed, setMissed] = useState(false);
  const isMissing = isRequired && text.trim() === "";
  const focus = () => document.getElementById(REASON_ID)?.focus();
  return {
    text,
    setText,
    isRequired,
    isMissing,
    isShownMissing: wasMissed && isMissing,
    miss: () => setMissed(true),
    focus,
  };
}

export type ReasonState = ReturnType<typeof useReason>;

interface Props {
  reason: ReasonState;
  /** Where the field may be out of sight: shows it before something is done with it. */
  reveal?: (then: () => void) => void;
  /** Off where its key means something else. */
  hasKey?: boolean;
}

export function Reason({ reason, reveal, hasKey = true }: Props) {
  const { t } = useTranslation();
  useCommands(hasKey ? commands : NONE, reveal ? () => reveal(reason.focus) : reason.focus);
  return (
    <Textarea
      id={REASON_ID}
      label={t(reason.isRequired ? "ranking.rationale_required" : "ranking.rationale")}
      required={reason.isRequired}
      error={reason.isShownMissing && t("ranking.rationale_missing")}
      placeholder={t("ranking.rationale_hint")}
      dir="auto"
      autosize
      minRows={2}
      maxRows={6}
      value={reason.text}
      onChange={(event) => reason.setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape") event.currentTarget.blur();
      }}
    />
  );
}
