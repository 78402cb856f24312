import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ProtocolList } from "@/features/projects/protocol/ProtocolList";
import { LinkButton } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function ProtocolsPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId } = useProject();
  const create = (
    <LinkButton to="/projects/$projectId/protocols/new" params={{ projectId }}>
      {t("protocol.new")}
    </LinkButton>
  );
  return (
    <Page title={t("nav.protocols")} lead={t("protocol.lead")} actions={create}>
      <ProtocolList projectId={projectId} />
    </Page>
  );
}
