import { SegmentedControl, Text, Textarea } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Conversation } from "@/shared/components/Conversation";
import { Markdown } from "@/shared/components/Markdown";
import { useCommands } from "@/shared/hooks/commands";
import { useFormat } from "@/shared/i18n/useFormat";
import type { DemonstrationPayload } from "@/shared/api/types";
import { keptDraft } from "../claimMemory";
import type { DeskProps } from "../ClaimScreen";
import classes from "./DemonstrationDesk.module.css";
import { Desk } from "../Desk";
import { useClaimWork } from "../useClaimWork";
import { EDITOR_MODES, nextMode, writingCommands, type EditorMode } from "./writingCommands";

export function DemonstrationDesk({ claim, onEnd }: DeskProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [mode, setMode] = useState<EditorMode>("write");
  const [payload, setPayload] = useState<DemonstrationPayload>(() => {
    const draft = (keptDraft(claim.id, claim.draft_saved_at) ?? claim.draft) as Partial<DemonstrationPayload> | null;
    return { completion: draft?.completion ?? "" };
  });
  const work = useClaimWork(claim, payload, onEnd, "writing");
  useCommands(writingCommands, { switchMode: () => setMode(nextMode) });
  const text = payload.completion;
  const words = useMemo(() => text.match(/\S+/g)?.length ?? 0, [text]);
  const canSubmit = text.trim() !== "";
  const modes = EDITOR_MODES.map((value) => ({ value, label: t(`writing.mode.${value}`) }));
  return (
    <Desk claim={claim} work={work} canSubmit={canSubmit} submit={() => canSubmit && work.submit()}>
      <div className={classes.columns}>
        <section aria-label={t("writing.prompt")}>
          <Conversation messages={claim.messages} />
        </section>
        <section className={classes.answer} aria-label={t("writing.answer")}>
          <div className={classes.bar}>
            <SegmentedControl
              size="xs"
              data={modes}
              value={mode}
              onChange={(value) => setMode(value)}
              aria-label={t("writing.mode.label")}
            />
            <Text size="sm" c="dimmed">
              {t("writing.words", { count: words, shown: format.integer(words) })}
            </Text>
          </div>
          <div className={classes.panes} data-mode={mode}>
            {mode !== "preview" && (
              <Textarea
                autoFocus
                aria-label={t("writing.answer")}
                placeholder={t("writing.placeholder")}
                value={text}
                onPaste={(event) => work.pasted(Array.from(event.clipboardData.getData("text")).length)}
                onChange={(event) => setPayload({ completion: event.currentTarget.value })}
                classNames={{ root: classes.fill, wrapper: classes.fill, input: classes.input }}
              />
            )}
            {mode !== "write" && (
              <div className={classes.preview} aria-label={t("writing.preview")} role="region" tabIndex={0}>
                {text.trim() ? <Markdown text={text} keepLines /> : <Text c="dimmed">{t("writing.nothing_yet")}</Text>}
              </div>
            )}
          </div>
        </section>
      </div>
    </Desk>
  );
}
