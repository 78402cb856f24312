import { Select, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNamed } from "@/shared/components/answers/useNamed";
import { promptConfig } from "@/shared/api/protocolConfig";
import type { PromptPayload } from "@/shared/api/types";
import { Advice } from "../advice/Advice";
import type { DeskProps } from "../ClaimScreen";
import { Desk } from "../Desk";
import { draftOf } from "../draftOf";
import { MissingNotice } from "../steps/MissingNotice";
import { useClaimWork } from "../useClaimWork";
import { Brief } from "./Brief";
import { Counts } from "./Counts";
import { Editor } from "./Editor";
import { ModeSwitch } from "./ModeSwitch";
import { ShotList } from "./ShotList";
import { obstaclesOf, payloadOf, startOf, styleOfBrief } from "./shots";
import { useEditorMode } from "./useEditorMode";
import classes from "./Writing.module.css";

const FIELDS = { text: "prompt-text", use_case: "prompt-use-case", shots: "prompt-shots" };

/** A prompt for others to answer: plain, with examples, or for a use case. */
export function PromptDesk({ claim, onEnd }: DeskProps) {
  const { t } = useTranslation();
  const named = useNamed();
  const config = useMemo(() => promptConfig(claim.protocol.config), [claim.protocol.config]);
  const [mode, setMode] = useEditorMode();
  const [written, setWritten] = useState(() => startOf(config, claim.brief, draftOf<PromptPayload>(claim)));
  const change = (part: Partial<PromptPayload>) => setWritten((before) => ({ ...before, ...part }));
  const payload = useMemo(() => payloadOf(written), [written]);
  const work = useClaimWork(claim, payload, onEnd, "writing");
  const [wasTried, setTried] = useState(false);
  const missing = obstaclesOf(written).map((obstacle) => ({
    text: t(`prompting.obstacle.${obstacle}`),
    go: () => document.getElementById(FIELDS[obstacle])?.focus(),
  }));
  const submit = () => {
    setTried(true);
    if (missing[0]) missing[0].go();
    else work.submit();
  };
  const { style, text, shots, use_case } = written;
  const useCase = { id: FIELDS.use_case, label: t("rating.use_case"), required: style === "use_case" };
  return (
    <Desk claim={claim} work={work} canSubmit submit={submit} notice={wasTried && <MissingNotice missing={missing} />}>
      <div className={classes.columns}>
        <Stack>
          <Brief brief={claim.brief} style={style} />
          {!styleOfBrief(claim.brief) && config.styles.length > 1 && (
            <SegmentedControl
              fullWidth
              value={style}
              onChange={(value) => change({ style: value })}
              data={config.styles.map((value) => ({ value, label: t(`prompt_style.${value}`) }))}
              aria-label={t("prompting.style")}
            />
          )}
          {config.use_cases.length > 0 ? (
            <Select
              {...useCase}
              clearable={style !== "use_case"}
              searchable
              data={config.use_cases.map((value) => ({ value, label: named(value) }))}
              value={use_case || null}
              onChange={(value) => change({ use_case: value ?? "" })}
            />
          ) : (
            style === "use_case" && (
              <TextInput
                {...useCase}
                dir="auto"
                maxLength={500}
                value={use_case}
                onChange={(event) => change({ use_case: event.currentTarget.value })}
              />
            )
          )}
        </Stack>
        <section
          className={classes.answer}
          data-fills={style !== "few_shot" || undefined}
          aria-label={t("prompting.text")}
        >
          <div className={classes.bar}>
            <ModeSwitch mode={mode} onChange={setMode} />
            <Counts text={text} limit={config.maximum_characters} />
          </div>
          <Editor
            id={FIELDS.text}
            label={t("prompting.text")}
            placeholder={t(`prompting.placeholder.${style}`)}
            value={text}
            onChange={(value) => change({ text: value })}
            onPaste={work.pasted}
            mode={mode}
            fills={style !== "few_shot"}
            autoFocus
          />
          <Advice claimId={claim.id} text={text} fieldId={FIELDS.text} />
          {style === "few_shot" && (
            <section id={FIELDS.shots} tabIndex={-1} aria-label={t("prompting.shots")}>
              <ShotList
                config={config}
                shots={shots}
                onChange={(value) => change({ shots: value })}
                onPaste={work.pasted}
              />
            </section>
          )}
        </section>
      </div>
    </Desk>
  );
}
