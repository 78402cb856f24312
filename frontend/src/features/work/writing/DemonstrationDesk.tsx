import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Conversation } from "@/shared/components/Conversation";
import { demonstrationConfig } from "@/shared/api/protocolConfig";
import type { DemonstrationPayload } from "@/shared/api/types";
import { Advice } from "../advice/Advice";
import type { DeskProps } from "../ClaimScreen";
import { Desk } from "../Desk";
import { draftOf } from "../draftOf";
import { useClaimWork } from "../useClaimWork";
import { Counts } from "./Counts";
import { Editor, Preview } from "./Editor";
import { ModeSwitch } from "./ModeSwitch";
import { TurnList } from "./TurnList";
import { messagesOf, payloadOf, textsOf, type Texts } from "./turns";
import { useEditorMode } from "./useEditorMode";
import classes from "./Writing.module.css";

const FIELD = "answer";

/** The ideal answer to a prompt, or the rest of the conversation up to it. */
export function DemonstrationDesk({ claim, onEnd }: DeskProps) {
  const { t } = useTranslation();
  const config = useMemo(() => demonstrationConfig(claim.protocol.config), [claim.protocol.config]);
  const [mode, setMode] = useEditorMode();
  const [texts, setTexts] = useState<Texts>(() => textsOf(draftOf<DemonstrationPayload>(claim)));
  const payload = useMemo(() => payloadOf(texts, config.multi_turn), [texts, config.multi_turn]);
  const work = useClaimWork(claim, payload, onEnd, "writing");
  const canSubmit = texts.every((text) => text.trim() !== "");
  const isOneAnswer = !config.multi_turn;
  return (
    <Desk claim={claim} work={work} canSubmit={canSubmit} submit={() => canSubmit && work.submit()}>
      <div className={classes.columns}>
        <section aria-label={t("writing.prompt")}>
          <Conversation messages={claim.messages} />
        </section>
        <section className={classes.answer} data-fills={isOneAnswer || undefined} aria-label={t("writing.answer")}>
          <div className={classes.bar}>
            <ModeSwitch mode={mode} onChange={setMode} />
            <Counts text={texts.join("\n")} limit={config.maximum_characters} />
          </div>
          {isOneAnswer ? (
            <Editor
              id={FIELD}
              label={t("writing.answer")}
              placeholder={t("writing.placeholder")}
              value={payload.completion}
              onChange={(text) => setTexts([text])}
              onPaste={work.pasted}
              mode={mode}
              fills
              autoFocus
            />
          ) : (
            <div className={classes.both} data-mode={mode}>
              {mode !== "preview" && (
                <TurnList
                  claimId={claim.id}
                  texts={texts}
                  maximumTurns={config.maximum_turns}
                  onChange={setTexts}
                  onPaste={work.pasted}
                />
              )}
              {mode !== "write" && (
                <Preview>
                  {texts.some((text) => text.trim()) && (
                    <Conversation messages={messagesOf(texts)} label={t("writing.preview")} />
                  )}
                </Preview>
              )}
            </div>
          )}
          {isOneAnswer && <Advice claimId={claim.id} text={payload.completion} fieldId={FIELD} />}
        </section>
      </div>
    </Desk>
  );
}
