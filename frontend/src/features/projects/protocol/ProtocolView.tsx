import { Alert, Stack } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "@/shared/components/announcer";
import { Loaded } from "@/shared/components/Loaded";
import { Panel } from "@/shared/components/Panel";
import { protocolsOptions } from "@/shared/api/queries";
import type { Protocol } from "@/shared/api/types";
import { protocolOptions, saveProtocol, type Config } from "./api";
import { ConfigPanel } from "./ConfigPanel";
import { GuidelineEditor } from "./GuidelineEditor";
import { NameForm } from "./NameForm";
import { ProtocolActions } from "./ProtocolActions";
import { QueueForm } from "./QueueForm";
import { ProtocolReading } from "./ProtocolReading";

interface Props {
  projectId: number;
  protocolId: number;
  preview: (protocol: Protocol, config: Config) => ReactNode;
  onCopied: (protocol: Protocol) => void;
}

export function ProtocolView({ projectId, protocolId, preview, onCopied }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const query = useQuery(protocolOptions(projectId, protocolId));
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: protocolsOptions(projectId).queryKey });
    return queries.invalidateQueries({ queryKey: protocolOptions(projectId, protocolId).queryKey, exact: true });
  };
  const saved = () => {
    announce(t("action.saved"));
    void refresh();
  };
  return (
    <Loaded query={query}>
      {(protocol) => (
        <Stack gap="lg">
          {protocol.state !== "active" && (
            <Alert
              color={protocol.state === "paused" ? "yellow" : "gray"}
              title={t(`state.${protocol.state}`)}
              role="note"
            >
              {t(`protocol.is.${protocol.state}`)}
            </Alert>
          )}
          <ProtocolActions
            projectId={projectId}
            protocol={protocol}
            onChanged={() => void refresh()}
            onCopied={onCopied}
          />
          {protocol.state === "archived" ? (
            <ProtocolReading protocol={protocol} />
          ) : (
            <>
              <GuidelineEditor key={protocol.guideline?.number ?? 0} projectId={projectId} protocol={protocol} />
              <ConfigPanel
                key={`config-${protocol.version}`}
                projectId={projectId}
                protocol={protocol}
                onSaved={saved}
                preview={(config) => preview(protocol, config)}
              />
              <Panel title={t("protocol.queue.title")} description={t("protocol.queue.detail")}>
                <QueueForm
                  projectId={projectId}
                  protocol={protocol}
                  save={(columns) => saveProtocol(projectId, protocolId, columns)}
                  onSaved={saved}
                />
              </Panel>
              <NameForm projectId={projectId} protocol={protocol} onSaved={saved} />
            </>
          )}
        </Stack>
      )}
    </Loaded>
  );
}
