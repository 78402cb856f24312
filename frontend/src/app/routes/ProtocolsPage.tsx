import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { createProtocol } from "@/features/projects/api";
import { ProtocolForm } from "@/features/projects/ProtocolForm";
import { ProtocolList } from "@/features/projects/ProtocolList";
import { Page } from "@/shared/components/Page";
import { protocolsOptions } from "@/shared/api/queries";
import type { Protocol } from "@/shared/api/types";
import { useProject } from "../useProject";

export function ProtocolsPage(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { projectId } = useProject();
  const [opened, dialog] = useDisclosure();
  const open = async (protocol: Protocol) => {
    await queries.invalidateQueries({ queryKey: protocolsOptions(projectId).queryKey });
    await navigate({
      to: "/projects/$projectId/protocols/$protocolId",
      params: { projectId, protocolId: protocol.id },
    });
  };
  return (
    <Page
      title={t("nav.protocols")}
      lead={t("protocol.lead")}
      actions={<Button onClick={dialog.open}>{t("protocol.new")}</Button>}
    >
      <ProtocolList projectId={projectId} />
      <Modal opened={opened} onClose={dialog.close} title={t("protocol.new")}>
        <ProtocolForm
          save={(settings) => createProtocol(projectId, settings)}
          onSaved={(protocol) => void open(protocol)}
        />
      </Modal>
    </Page>
  );
}
