import { Box, Button, Group, Text } from "@mantine/core";
import { useDisclosure, useDocumentTitle } from "@mantine/hooks";
import { IconBook2 } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CommandButton } from "@/shared/components/CommandButton";
import { CommandKeys } from "@/shared/components/Keys";
import { ProblemNotice } from "@/shared/components/Problem";
import { useCommands } from "@/shared/hooks/commands";
import { instructionOf } from "@/shared/api/protocolConfig";
import type { Claim } from "@/shared/api/types";
import classes from "./Desk.module.css";
import { deskCommands, type DeskContext } from "./deskCommands";
import { DraftBadge } from "./DraftBadge";
import { GuidelineDrawer } from "./guideline/GuidelineDrawer";
import { GuidelineNotice } from "./guideline/GuidelineNotice";
import { useNews } from "./guideline/news";
import { LeaveButton } from "./LeaveButton";
import { LeaseNotice } from "./LeaseNotice";
import { KeptText } from "./outbox/KeptText";
import { QueuedNote } from "./outbox/QueuedNote";
import { wordsOf } from "./outbox/wordsOf";
import { ShortcutHint } from "@/shared/components/ShortcutSheet";
import { PasteNote } from "./PasteNote";
import { SkipDialog } from "./SkipDialog";
import type { ClaimWork } from "./useClaimWork";

interface Props {
  claim: Claim;
  work: ClaimWork;
  canSubmit: boolean;
  submit: () => void;
  /** Enter by itself hands in, where it would press nothing else. */
  submitsOnEnter?: boolean;
  /** The way on where handing in is not what comes next. */
  advance?: ReactNode;
  /** What is decided here, in sight whatever is read. */
  decision?: ReactNode;
  /** What stands in the way of handing in. */
  notice?: ReactNode;
  children: ReactNode;
}

/** The frame round every kind of work: what it is, the guideline, the draft's state, and the ways to end it. */
export function Desk({ claim, work, canSubmit, submit, submitsOnEnter = false, ...parts }: Props) {
  const { advance, decision, notice, children } = parts;
  const { t } = useTranslation();
  const [guideline, guidelineDrawer] = useDisclosure();
  const [skipping, skipDialog] = useDisclosure();
  useDocumentTitle(`${claim.protocol.name} · ${claim.project.name}`);
  const context: DeskContext = {
    canSubmit: canSubmit && !work.isBusy,
    submitsOnEnter,
    hasGuideline: claim.guideline !== null,
    submit,
    openSkip: skipDialog.open,
    toggleGuideline: guidelineDrawer.toggle,
  };
  useCommands(submitsOnEnter ? deskCommands.withEnter : deskCommands.all, context);
  const news = useNews(claim.protocol.id);
  // The task keeps the guideline it was handed out under: a newer one is told with the next.
  const isNewHere = claim.guideline !== null && claim.guideline.number > (news?.read_number ?? 0);
  const instruction = instructionOf(claim.protocol.config).trim();
  return (
    <div className={classes.desk} data-next={work.isNextAtHand ? "at-hand" : undefined}>
      <header className={classes.head}>
        <Group gap="sm" wrap="nowrap" miw={0}>
          <LeaveButton />
          <div className={classes.name}>
            <Text fw={600} component="h1" truncate dir="auto">
              {claim.protocol.name}
            </Text>
            <Text size="sm" c="dimmed" truncate>
              {claim.project.name}
            </Text>
          </div>
        </Group>
        <Group gap="sm" wrap="nowrap">
          <Button
            variant="default"
            leftSection={<IconBook2 size={17} />}
            rightSection={<CommandKeys command={deskCommands.guideline} />}
            disabled={!claim.guideline}
            onClick={guidelineDrawer.open}
          >
            {t("claim.guideline")}
          </Button>
          <div className={classes.keys}>
            <ShortcutHint />
          </div>
        </Group>
      </header>
      {/* What waits for its reply is handed in as it stands. */}
      <main className={classes.body} inert={work.isBusy}>
        {news && isNewHere && (
          <Box mb="lg">
            <GuidelineNotice news={news} onOpen={guidelineDrawer.open} />
          </Box>
        )}
        {instruction && (
          <Text
            role="note"
            dir="auto"
            aria-label={t("claim.instruction")}
            fw={500}
            mb="lg"
            className={classes.instruction}
          >
            {instruction}
          </Text>
        )}
        {children}
      </main>
      <footer className={classes.foot}>
        <LeaseNotice lease={work.lease} isWaitingForLine={work.isWaitingForLine} />
        <ProblemNotice error={work.error} onRetry={canSubmit ? submit : undefined} />
        {work.refused && <KeptText text={wordsOf(work.refused)} />}
        {decision}
        {notice}
        <div className={classes.ends}>
          <div className={classes.others}>
            <CommandButton
              command={deskCommands.skip}
              context={context}
              variant="subtle"
              color="gray"
              disabled={work.isBusy}
            />
            <Button variant="subtle" color="gray" onClick={work.giveBack} disabled={work.isBusy}>
              {t("claim.give_back")}
            </Button>
          </div>
          <div className={classes.state}>
            <PasteNote pastes={work.pastes} />
            <QueuedNote />
            <DraftBadge state={work.draftState} />
          </div>
          <div className={classes.main}>
            <CommandButton
              command={deskCommands.submit}
              context={context}
              variant={advance ? "default" : "filled"}
              size="md"
              loading={work.isBusy}
            />
            {advance}
          </div>
        </div>
      </footer>
      <GuidelineDrawer
        protocol={claim.protocol.id}
        version={claim.guideline}
        opened={guideline}
        onClose={guidelineDrawer.close}
      />
      <SkipDialog opened={skipping} onClose={skipDialog.close} onSkip={work.skip} />
    </div>
  );
}
