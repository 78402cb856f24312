import { Stack } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { announce } from "@/shared/components/announcer";
import { Loaded } from "@/shared/components/Loaded";
import { Panel } from "@/shared/components/Panel";
import { protocolsOptions } from "@/shared/api/queries";
import { useFormat } from "@/shared/i18n/useFormat";
import { protocolOptions, saveProtocol } from "./api";
import { GuidelineEditor } from "./GuidelineEditor";
import { ProtocolConfigForm } from "./ProtocolConfigForm";
import { ProtocolForm } from "./ProtocolForm";

export function ProtocolView({ projectId, protocolId }: { projectId: number; protocolId: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const query = useQuery(protocolOptions(projectId, protocolId));
  const saved = () => {
    announce(t("action.saved"));
    void queries.invalidateQueries({ queryKey: protocolsOptions(projectId).queryKey });
    void queries.invalidateQueries({ queryKey: protocolOptions(projectId, protocolId).queryKey, exact: true });
  };
  return (
    <Loaded query={query}>
      {(protocol) => (
        <Stack gap="lg">
          <GuidelineEditor key={protocol.guideline?.number ?? 0} projectId={projectId} protocol={protocol} />
          <Panel
            title={t("protocol.config")}
            description={t("protocol.config_detail", { number: format.integer(protocol.version) })}
          >
            <ProtocolConfigForm
              key={protocol.version}
              protocol={protocol}
              save={(config) => saveProtocol(projectId, protocolId, { config })}
              onSaved={saved}
            />
          </Panel>
          <Panel title={t("protocol.settings")}>
            <ProtocolForm
              protocol={protocol}
              save={(settings) => saveProtocol(projectId, protocolId, settings)}
              onSaved={saved}
            />
          </Panel>
        </Stack>
      )}
    </Loaded>
  );
}
