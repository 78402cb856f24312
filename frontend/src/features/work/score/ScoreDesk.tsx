import { Stack } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { CompletionCard } from "@/shared/components/answers/CompletionCard";
import { useCommands } from "@/shared/hooks/commands";
import { scoreConfig } from "@/shared/api/protocolConfig";
import type { Flags, ScorePayload } from "@/shared/api/types";
import type { DeskProps } from "../ClaimScreen";
import { Desk } from "../Desk";
import { draftOf } from "../draftOf";
import { FlagList } from "../rating/FlagList";
import { ratingCommands } from "../rating/ratingCommands";
import { RatingScale } from "../rating/RatingScale";
import { ReadAndRate } from "../rating/ReadAndRate";
import { PromptPanel } from "../reading/PromptPanel";
import { usePromptFold } from "../reading/usePromptFold";
import { Reason, useReason } from "../Reason";
import { MissingNotice } from "../steps/MissingNotice";
import { useClaimWork } from "../useClaimWork";

/** One answer to one prompt: how good it is. */
export function ScoreDesk({ claim, onEnd }: DeskProps) {
  const { t } = useTranslation();
  const config = useMemo(() => scoreConfig(claim.protocol.config), [claim.protocol.config]);
  const [draft] = useState(() => draftOf<ScorePayload>(claim));
  const [score, rate] = useState(draft.score);
  const [raised, setRaised] = useState<Flags>(draft.flags ?? {});
  const reason = useReason(draft.rationale, config.require_rationale);
  const payload = useMemo<ScorePayload>(() => {
    const flags = Object.fromEntries(config.flags.map((name) => [name, raised[name] === true]));
    return { ...(score !== undefined && { score }), flags, rationale: reason.text };
  }, [config.flags, raised, score, reason.text]);
  const work = useClaimWork(claim, payload, onEnd, "score");
  const prompt = usePromptFold();
  const [wasTried, setTried] = useState(false);

  const toggle = (name: string) => setRaised((before) => ({ ...before, [name]: !before[name] }));
  const commands = useMemo(() => ratingCommands(config.flags.length), [config.flags.length]);
  useCommands(commands, { scale: config.scale, rate, flags: config.flags, toggle });
  const missing = [
    ...(score === undefined ? [{ text: t("score.one"), go: () => undefined }] : []),
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
      <PromptPanel messages={claim.messages} isFolded={prompt.isFolded} onToggle={prompt.toggle} />
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
      <ReadAndRate reading={reading} label={t("score.one")}>
        <Stack gap="lg">
          <RatingScale title={t("score.one")} scale={config.scale} value={score} onRate={rate} />
          <FlagList title={t("rating.completion_flags")} names={config.flags} values={raised} onToggle={toggle} />
          <Reason reason={reason} />
        </Stack>
      </ReadAndRate>
    </Desk>
  );
}
