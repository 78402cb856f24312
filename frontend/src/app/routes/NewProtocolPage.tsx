import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { PresetForm } from "@/features/projects/protocol/PresetForm";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { protocolsOptions } from "@/shared/api/queries";
import type { Protocol } from "@/shared/api/types";
import { useProject } from "../useProject";

export function NewProtocolPage(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { projectId } = useProject();
  const open = async (protocol: Protocol) => {
    await queries.invalidateQueries({ queryKey: protocolsOptions(projectId).queryKey });
    await navigate({
      to: "/projects/$projectId/protocols/$protocolId",
      params: { projectId, protocolId: protocol.id },
    });
  };
  const back = (
    <LinkAnchor to="/projects/$projectId/protocols" params={{ projectId }}>
      <BackLabel>{t("nav.protocols")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page title={t("protocol.new")} lead={t("preset.lead")} back={back}>
      <PresetForm projectId={projectId} onCreated={(protocol) => void open(protocol)} />
    </Page>
  );
}
