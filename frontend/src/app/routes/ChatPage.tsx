import { useNavigate, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ChatRoom } from "@/features/chat/ChatRoom";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function ChatPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId, may } = useProject();
  const { conversationId } = useParams({ strict: false });
  const navigate = useNavigate();
  const open = (id: number | undefined) =>
    void (id === undefined
      ? navigate({ to: "/projects/$projectId/chat", params: { projectId } })
      : navigate({ to: "/projects/$projectId/chat/$conversationId", params: { projectId, conversationId: id } }));
  const back = conversationId !== undefined && (
    <LinkAnchor to="/projects/$projectId/chat" params={{ projectId }} hiddenFrom="sm">
      <BackLabel>{t("chat.conversations")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page title={t("chat.page")} lead={conversationId === undefined && t("chat.lead")} back={back}>
      <ChatRoom
        projectId={projectId}
        conversationId={conversationId}
        mayChooseFilter={may("manage_chat")}
        mayAskForTwo={may("ask_for_two_answers")}
        onOpen={open}
      />
    </Page>
  );
}
