import { useTranslation } from "react-i18next";
import { Pairs } from "@/shared/components/Pairs";
import { Panel } from "@/shared/components/Panel";
import type { Run } from "@/shared/api/types";

export function RunConfig({ run }: { run: Run }) {
  const { t } = useTranslation();
  return (
    <Panel title={t("runs.config")}>
      <Pairs label={t("runs.config")} values={{ start: run.start, ...run.config }} />
    </Panel>
  );
}
