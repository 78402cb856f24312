import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Figures } from "@/shared/components/Figures";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import type { ModelDetail } from "@/shared/api/types";
import { AccuracyBars } from "./AccuracyBars";
import { rewardResult, section } from "./modelMetrics";

const SFT_FIGURES = ["loss_before", "loss", "perplexity", "trained_tokens", "rows"] as const;

/** Results on the frozen test split. */
export function ModelMetrics({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const reward = model.stage === "reward" ? rewardResult(model.metrics) : null;
  const test = section(model.metrics, "test");
  const figures = SFT_FIGURES.flatMap((name) => {
    const value = test[name];
    return typeof value === "number" ? [{ label: t(`models.figure.${name}`), value: format.decimal(value) }] : [];
  });
  return (
    <Panel title={t("models.metrics")} description={t("models.metrics_detail")}>
      {reward && <AccuracyBars result={reward} />}
      {!reward && figures.length > 0 && <Figures figures={figures} />}
      {!reward && figures.length === 0 && <Text c="dimmed">{t("models.no_metrics")}</Text>}
    </Panel>
  );
}
