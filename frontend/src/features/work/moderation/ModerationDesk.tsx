import { Stack, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { CommandButton } from "@/shared/components/CommandButton";
import { CompletionCard } from "@/shared/components/answers/CompletionCard";
import { useCategoryName } from "@/shared/components/answers/useCategoryName";
import { Conversation } from "@/shared/components/Conversation";
import { useCommands } from "@/shared/hooks/commands";
import { moderationConfig } from "@/shared/api/protocolConfig";
import type { Claim, ModerationPayload, Span } from "@/shared/api/types";
import type { DeskProps } from "../ClaimScreen";
import { Desk } from "../Desk";
import { draftOf } from "../draftOf";
import { ReadAndRate } from "../rating/ReadAndRate";
import { Reason, useReason } from "../Reason";
import { MissingNotice } from "../steps/MissingNotice";
import { useClaimWork } from "../useClaimWork";
import { CategoryRows } from "./CategoryRows";
import { Marks } from "./Marks";
import classes from "./Moderation.module.css";
import { moderationCommands as commands, type ModerationContext } from "./moderationCommands";
import { asPayload, nextOpen, verdictsOf, type Verdict, type Verdicts } from "./verdicts";

/** A text that may be hard to read, blurred until its reader asks to see it: yes, no or unknown, category by category. */
export function ModerationDesk({ claim, onEnd }: DeskProps) {
  const { t } = useTranslation();
  const named = useCategoryName();
  const config = useMemo(() => moderationConfig(claim.protocol.config), [claim.protocol.config]);
  const { categories } = config;
  const [draft] = useState(() => draftOf<ModerationPayload>(claim));
  const [verdicts, setVerdicts] = useState<Verdicts>(() => verdictsOf(draft));
  const [severity, setSeverity] = useState(draft.severity ?? {});
  const [spans, setSpans] = useState<readonly Span[]>(draft.spans ?? []);
  const [current, setCurrent] = useState(categories[0] ?? "");
  const [isShown, setShown] = useState(!config.blur);
  const [wasShown, setWasShown] = useState(!config.blur);
  const reason = useReason(draft.rationale, config.require_rationale);
  const payload = useMemo(
    () => asPayload(verdicts, severity, spans, reason.text),
    [verdicts, severity, spans, reason.text],
  );
  const work = useClaimWork(claim, payload, onEnd, "labels");
  const [wasTried, setTried] = useState(false);

  const say = (category: string, verdict: Verdict) => {
    const after = { ...verdicts, [category]: verdict };
    setVerdicts(after);
    // What holds may be rated or marked first.
    const stays = verdict === "yes" && (config.severity || config.spans);
    setCurrent(stays ? category : nextOpen(categories, after, category));
  };
  const rate = (category: string, level: number) => setSeverity((before) => ({ ...before, [category]: level }));
  const context: ModerationContext = {
    say: (verdict) => say(current, verdict),
    restNo: () =>
      setVerdicts((before) => ({ ...Object.fromEntries(categories.map((name) => [name, "no" as const])), ...before })),
    move: (by) => setCurrent((at) => categories[categories.indexOf(at) + by] ?? at),
    rate: config.severity && verdicts[current] === "yes" ? (level) => rate(current, level) : null,
    toggle: () => {
      setShown((before) => !before);
      setWasShown(true);
    },
    tooMuch: () => {
      if (!work.isBusy) work.skip({ reason: "too_much", note: "" });
    },
  };
  useCommands(commands.all, context);
  const missing = [
    ...(wasShown ? [] : [{ text: t("moderation.not_seen"), go: context.toggle }]),
    ...categories.filter((name) => !verdicts[name]).map((name) => ({ text: named(name), go: () => setCurrent(name) })),
    ...(reason.isMissing ? [{ text: t("ranking.rationale_required"), go: reason.focus }] : []),
  ];
  const submit = () => {
    setTried(true);
    reason.miss();
    if (missing.length === 0) work.submit();
    // Nobody is shown the text by a key that asked for something else.
    else if (wasShown) missing[0]?.go();
  };
  return (
    <Desk
      claim={claim}
      work={work}
      canSubmit
      submit={submit}
      submitsOnEnter
      notice={wasTried && <MissingNotice missing={missing} />}
    >
      <ReadAndRate
        label={t("moderation.title")}
        reading={
          <>
            <div className={classes.veil}>
              <CommandButton command={commands.reveal} context={context}>
                {t(isShown ? "moderation.hide" : "moderation.show")}
              </CommandButton>
              <CommandButton command={commands.tooMuch} context={context} disabled={work.isBusy} />
              {!isShown && (
                <Text size="sm" c="dimmed">
                  {t("moderation.hidden")}
                </Text>
              )}
            </div>
            <div className={isShown ? undefined : classes.blurred} inert={!isShown} aria-hidden={!isShown}>
              <Conversation messages={claim.messages} />
              {claim.completions.map(({ label, text }) => (
                <CompletionCard key={label} label={t("moderation.judged")} text={text} />
              ))}
              {config.spans && (
                <Marks
                  text={judgedText(claim)}
                  category={current}
                  canMark={verdicts[current] === "yes"}
                  spans={payload.spans}
                  onChange={setSpans}
                />
              )}
            </div>
          </>
        }
      >
        <Stack gap="lg">
          <CategoryRows
            categories={categories}
            verdicts={verdicts}
            current={current}
            severity={config.severity ? severity : null}
            onChoose={setCurrent}
            onSay={say}
            onRate={rate}
          />
          <CommandButton command={commands.restNo} context={context} size="xs" />
          <Reason reason={reason} hasKey={false} />
        </Stack>
      </ReadAndRate>
    </Desk>
  );
}

/** The completion where there is one, else the last turn: what a filter is trained on. */
function judgedText(claim: Claim): string {
  return claim.completions[0]?.text ?? claim.messages.at(-1)?.content ?? "";
}
