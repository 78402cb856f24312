import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { protocolOptions } from "@/features/projects/protocol/api";
import { ProtocolView } from "@/features/projects/protocol/ProtocolView";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { DeskPreview } from "../preview/DeskPreview";
import { useId } from "../useId";
import { useProject } from "../useProject";

export function ProtocolPage(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { projectId, project } = useProject();
  const protocolId = useId("protocolId");
  const name = useQuery(protocolOptions(projectId, protocolId)).data?.name;
  const back = (
    <LinkAnchor to="/projects/$projectId/protocols" params={{ projectId }}>
      <BackLabel>{t("nav.protocols")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page title={name ?? t("protocol.page", { id: protocolId })} back={back}>
      <ProtocolView
        projectId={projectId}
        protocolId={protocolId}
        preview={({ kind, name: protocol, guideline }, config) => (
          <DeskPreview example={{ kind, project: project.name, protocol, config, guideline }} />
        )}
        onCopied={(copy) =>
          void navigate({
            to: "/projects/$projectId/protocols/$protocolId",
            params: { projectId, protocolId: copy.id },
          })
        }
      />
    </Page>
  );
}
