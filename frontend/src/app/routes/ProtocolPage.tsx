import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { protocolOptions } from "@/features/projects/api";
import { ProtocolView } from "@/features/projects/ProtocolView";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useId } from "../useId";
import { useProject } from "../useProject";

export function ProtocolPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId } = useProject();
  const protocolId = useId("protocolId");
  const name = useQuery(protocolOptions(projectId, protocolId)).data?.name;
  const back = (
    <LinkAnchor to="/projects/$projectId/protocols" params={{ projectId }}>
      <BackLabel>{t("nav.protocols")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page title={name ?? t("protocol.page", { id: protocolId })} back={back}>
      <ProtocolView projectId={projectId} protocolId={protocolId} />
    </Page>
  );
}
