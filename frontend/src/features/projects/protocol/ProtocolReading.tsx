import { useTranslation } from "react-i18next";
import { Markdown } from "@/shared/components/Markdown";
import { Pairs } from "@/shared/components/Pairs";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Protocol } from "@/shared/api/types";

/** An archived protocol, to be read. */
export function ProtocolReading({ protocol }: { protocol: Protocol }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <Panel
        title={t("protocol.config")}
        description={t("protocol.version", { number: format.integer(protocol.version) })}
      >
        <Pairs label={t("protocol.config")} values={protocol.config} />
      </Panel>
      {protocol.guideline && (
        <Panel title={t("claim.guideline_version", { number: protocol.guideline.number })}>
          <Markdown text={protocol.guideline.markdown} />
        </Panel>
      )}
    </>
  );
}
