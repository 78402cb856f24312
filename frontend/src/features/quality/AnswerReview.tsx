import { Alert, Group, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { CommandButton } from "@/shared/components/CommandButton";
import { Conversation } from "@/shared/components/Conversation";
import { Loaded } from "@/shared/components/Loaded";
import { ProblemNotice } from "@/shared/components/Problem";
import { ShortcutHint } from "@/shared/components/ShortcutSheet";
import { useCommands } from "@/shared/hooks/commands";
import { useFormat } from "@/shared/i18n/useFormat";
import type { AnswerDetail } from "@/shared/api/types";
import { AnswerReading } from "./AnswerReading";
import classes from "./AnswerReview.module.css";
import { answerOptions, neighboursOptions, reviewAnswer, type Decision } from "./api";
import type { AnswerFilter } from "./answerFilter";
import { OtherAnswers } from "./OtherAnswers";
import { ReturnDialog } from "./ReturnDialog";
import { reviewCommands, type ReviewContext } from "./reviewCommands";
import { ReviewPanel } from "./ReviewPanel";

interface Props {
  projectId: number;
  answerId: number;
  filter: AnswerFilter;
  /** Who reads: nobody reviews their own. */
  readerId: number;
  mayReview: boolean;
  onOpen: (answerId: number) => void;
}

/** One answer as its author saw it, what reviewers said of it, and the keys that decide and lead on. */
export function AnswerReview({ projectId, answerId, ...rest }: Props) {
  const query = useQuery(answerOptions(projectId, answerId));
  return (
    <Loaded query={query}>
      {(answer) => <Review key={answerId} projectId={projectId} answer={answer} {...rest} />}
    </Loaded>
  );
}

function Review({
  projectId,
  answer,
  filter,
  readerId,
  mayReview,
  onOpen,
}: Omit<Props, "answerId"> & { answer: AnswerDetail }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [returning, dialog] = useDisclosure();
  const neighbours = useQuery(neighboursOptions(projectId, answer.id, filter)).data;
  const deciding = useMutation({
    mutationFn: (decision: Omit<Decision, "revision">) =>
      reviewAnswer(projectId, answer.id, { ...decision, revision: answer.revision }),
    onSuccess: (reviewed) => {
      queries.setQueryData(answerOptions(projectId, answer.id).queryKey, reviewed);
      return queries.invalidateQueries({ queryKey: ["project", projectId, "answers"] });
    },
    onError: () => queries.invalidateQueries({ queryKey: answerOptions(projectId, answer.id).queryKey }),
  });
  const isOwn = answer.annotator.id === readerId;
  // A strike leaves the words to be read, and may be undone; what their author took back is gone.
  const isGone = answer.withdrawn !== null && answer.withdrawn.kind !== "strike";
  const context: ReviewContext = {
    mayDecide: mayReview && !isOwn && !deciding.isPending && !isGone,
    state: answer.state,
    newer: neighbours?.newer ?? null,
    older: neighbours?.older ?? null,
    decide: (verdict) => deciding.mutate({ verdict }),
    openReturn: dialog.open,
    open: onOpen,
  };
  useCommands(reviewCommands.all, context);
  return (
    <Stack gap="lg">
      <Group justify="space-between" gap="sm">
        <Facts answer={answer} />
        <Group gap="xs">
          <CommandButton size="xs" command={reviewCommands.newer} context={context} />
          <CommandButton size="xs" command={reviewCommands.older} context={context} />
          <ShortcutHint />
        </Group>
      </Group>
      <div className={classes.columns}>
        <Stack gap="lg" miw={0}>
          {answer.withdrawn && <WithdrawnNotice {...answer.withdrawn} isGone={isGone} />}
          {!isGone && (
            <>
              <Conversation messages={answer.messages} />
              <Title order={2}>{t("answers.answer")}</Title>
              <AnswerReading answer={answer} />
            </>
          )}
        </Stack>
        <Stack gap="lg" component="aside" className={classes.aside} aria-label={t("review.title")}>
          <ProblemNotice error={deciding.error} />
          <ReviewPanel answer={answer} context={context} mayReview={mayReview} isOwn={isOwn} />
          <OtherAnswers projectId={projectId} answer={answer} filter={filter} />
        </Stack>
      </div>
      <ReturnDialog
        opened={returning}
        onClose={dialog.close}
        onReturn={(reason) => deciding.mutate({ verdict: "return", reason })}
      />
    </Stack>
  );
}

function WithdrawnNotice({ kind, at, isGone }: NonNullable<AnswerDetail["withdrawn"]> & { isGone: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Alert color="gray" variant="light" title={t(`lineage.withdrawn.${kind}`)}>
      {format.dateTime(at)}
      {isGone && ` · ${t("lineage.withdrawn.detail")}`}
    </Alert>
  );
}

function Facts({ answer }: { answer: AnswerDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const facts = [
    answer.annotator.name,
    answer.protocol.name,
    format.dateTime(answer.submitted_at),
    answer.seconds === null ? null : format.duration(answer.seconds),
    answer.guideline_version === null ? null : t("agreement.guideline", { number: answer.guideline_version }),
    answer.revision > 1 ? t("review.form", { number: answer.revision }) : null,
  ];
  return <Text c="dimmed">{facts.filter(Boolean).join(" · ")}</Text>;
}
