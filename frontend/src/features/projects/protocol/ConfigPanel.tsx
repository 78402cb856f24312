import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/shared/components/Loaded";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Protocol } from "@/shared/api/types";
import { kindsOptions, saveProtocol, type Config } from "./api";
import { ConfigForm } from "./ConfigForm";
import classes from "./ConfigPanel.module.css";

interface Props {
  projectId: number;
  protocol: Protocol;
  onSaved: () => void;
  /** The desk with the rules as they stand in the form, saved or not. */
  preview: (config: Config) => ReactNode;
}

/** The rules for answers, and what an annotator will see of them. */
export function ConfigPanel({ projectId, protocol, onSaved, preview }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [config, setConfig] = useState<Config>(protocol.config);
  const query = useQuery(kindsOptions);
  return (
    <Panel
      title={t("protocol.config")}
      description={t("protocol.config_detail", { number: format.integer(protocol.version) })}
    >
      <Loaded query={query}>
        {(kinds) => {
          const kind = kinds.find((one) => one.key === protocol.kind);
          return (
            <div className={classes.columns}>
              {kind && (
                <ConfigForm
                  kind={kind}
                  config={config}
                  onChange={setConfig}
                  save={(changed) => saveProtocol(projectId, protocol.id, { config: changed })}
                  onSaved={onSaved}
                />
              )}
              <div className={classes.preview}>{preview(config)}</div>
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}
