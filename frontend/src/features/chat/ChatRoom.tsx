import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/shared/components/Loaded";
import { chatOptions } from "./api";
import classes from "./Chat.module.css";
import { ConversationList } from "./ConversationList";
import { ConversationView } from "./ConversationView";
import { FilterChoice, NotReady } from "./NotReady";
import { TwoAnswersChoice } from "./TwoAnswersChoice";

interface Props {
  projectId: number;
  conversationId?: number;
  mayChooseFilter: boolean;
  mayAskForTwo: boolean;
  /** Opens a conversation, or none. */
  onOpen: (id: number | undefined) => void;
}

/** Conversations beside the one that is open; on a phone one at a time. */
export function ChatRoom({ projectId, conversationId, mayChooseFilter, mayAskForTwo, onOpen }: Props): ReactNode {
  const { t } = useTranslation();
  const query = useQuery(chatOptions(projectId));
  return (
    <Loaded query={query}>
      {(setup) => (
        <>
          <NotReady setup={setup} />
          {mayChooseFilter && conversationId === undefined && <FilterChoice projectId={projectId} setup={setup} />}
          {mayAskForTwo && conversationId === undefined && <TwoAnswersChoice projectId={projectId} setup={setup} />}
          <div className={classes.room} data-open={conversationId !== undefined || undefined}>
            <ConversationList projectId={projectId} current={conversationId} setup={setup} onStarted={onOpen} />
            {conversationId === undefined ? (
              <Text c="dimmed">{t("chat.choose")}</Text>
            ) : (
              <ConversationView
                projectId={projectId}
                conversationId={conversationId}
                isOff={setup.missing.includes("no_filter")}
                onDeleted={() => onOpen(undefined)}
              />
            )}
          </div>
        </>
      )}
    </Loaded>
  );
}
