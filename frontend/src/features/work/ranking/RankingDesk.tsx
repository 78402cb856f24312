import { useDisclosure } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { CommandButton } from "@/shared/components/CommandButton";
import { useCommands } from "@/shared/hooks/commands";
import { rankingConfig } from "@/shared/api/protocolConfig";
import type { RankingPayload } from "@/shared/api/types";
import type { DeskProps } from "../ClaimScreen";
import { Desk } from "../Desk";
import { usePanes } from "../Panes";
import { useReading } from "../reading/useReading";
import { useReason } from "../Reason";
import { MissingNotice, type Missing } from "../steps/MissingNotice";
import { StepBar } from "../steps/StepBar";
import { stepCommands } from "../steps/stepCommands";
import { useSteps } from "../steps/useSteps";
import { draftOf } from "../draftOf";
import { useClaimWork } from "../useClaimWork";
import { JointRanking } from "./JointRanking";
import { OutputStep } from "./OutputStep";
import { PromptStep } from "./PromptStep";
import { inOrder, sameTiers } from "./ranking";
import { isComplete, payloadOf, PROMPT_STEP, RANKING_STEP, stepsOf } from "./rankingSteps";
import { UnchangedOrderDialog } from "./UnchangedOrderDialog";
import { useRanking } from "./useRanking";
import { useRatings } from "./useRatings";

/** Several completions of one prompt: described, rated one by one and ranked together, as far as the protocol asks for it. */
export function RankingDesk({ claim, onEnd }: DeskProps) {
  const { t } = useTranslation();
  const config = useMemo(() => rankingConfig(claim.protocol.config), [claim.protocol.config]);
  const items = useMemo(
    () => claim.completions.map(({ label, text }, index) => ({ label, text, name: String(index + 1) })),
    [claim.completions],
  );
  const labels = useMemo(() => items.map(({ label }) => label), [items]);
  const [draft] = useState(() => draftOf<RankingPayload>(claim));
  const ranking = useRanking(claim, draft);
  const state = useRatings(draft);
  const { ratings } = state;
  const reason = useReason(draft.rationale, config.require_rationale);
  const panes = usePanes();
  const reading = useReading("ranking", items, ranking.selected, (label) => {
    ranking.select(label);
    document.getElementById(`completion-${label}`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  const complete = (step: string) => isComplete(step, config, ratings, reason.text);
  const names = useMemo(() => stepsOf(config, labels), [config, labels]);
  // A draft goes on where something is missing yet, or where all comes together.
  const steps = useSteps(names, () =>
    draft.tiers ? (names.find((step) => !complete(step)) ?? RANKING_STEP) : names[0],
  );
  const isLast = steps.step === RANKING_STEP;
  useCommands(isLast ? stepCommands.last : stepCommands.all, steps);

  const payload = useMemo(
    () => payloadOf(config, labels, ranking.board, ratings, reason.text),
    [config, labels, ranking.board, ratings, reason.text],
  );
  const work = useClaimWork(claim, payload, onEnd, steps.step);
  const [wasTried, setTried] = useState(false);
  const [asking, unchanged] = useDisclosure();

  const nameOf = (step: string) => {
    if (step === PROMPT_STEP) return { short: t("steps.prompt"), full: t("steps.prompt") };
    if (step === RANKING_STEP) return { short: t("ranking.board"), full: t("ranking.board") };
    const number = labels.indexOf(step) + 1;
    return { short: String(number), full: t("ranking.completion", { number }) };
  };
  const lackOf = (step: string) => {
    if (step === PROMPT_STEP) return t("rating.use_case");
    return step === RANKING_STEP
      ? t("ranking.rationale_required")
      : t("steps.rating_of", { output: nameOf(step).full });
  };
  const goTo = (step: string) => {
    flushSync(() => steps.go(step));
    if (step === RANKING_STEP) panes.decide(reason.focus);
  };
  const missing: Missing[] = steps.steps
    .filter((step) => !complete(step))
    .map((step) => ({ text: lackOf(step), go: () => goTo(step) }));
  const isUntouched = sameTiers(ranking.board.tiers, inOrder(labels)) && !ranking.board.allBad;
  const isDone = (step: string) => steps.isVisited(step) && complete(step) && !(step === RANKING_STEP && isUntouched);
  const submit = () => {
    setTried(true);
    reason.miss();
    if (missing[0]) missing[0].go();
    else if (isUntouched) unchanged.open();
    else work.submit();
  };

  return (
    <Desk
      claim={claim}
      work={work}
      canSubmit
      submit={submit}
      submitsOnEnter={isLast}
      notice={wasTried && <MissingNotice missing={missing} />}
      advance={!isLast && <CommandButton command={stepCommands.next} context={steps} variant="filled" size="md" />}
    >
      {steps.steps.length > 1 && <StepBar steps={steps} nameOf={nameOf} isDone={isDone} />}
      {steps.step === PROMPT_STEP && <PromptStep claim={claim} config={config} state={state} />}
      {labels.includes(steps.step) && (
        <OutputStep
          key={steps.step}
          claim={claim}
          label={steps.step}
          config={config}
          state={state}
          isPromptFolded={reading.isPromptFolded}
          onTogglePrompt={reading.context.togglePrompt}
        />
      )}
      {isLast && (
        <JointRanking
          claim={claim}
          config={config}
          ranking={ranking}
          reading={reading}
          factsOf={(label) => payload.outputs?.[label]}
          reason={reason}
          panes={panes}
        />
      )}
      <UnchangedOrderDialog opened={asking} onClose={unchanged.close} onConfirm={work.submit} />
    </Desk>
  );
}
