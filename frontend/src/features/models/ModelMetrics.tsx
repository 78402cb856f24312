import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Figures } from "@/shared/components/Figures";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import type { ModelDetail } from "@/shared/api/types";
import { AccuracyBars } from "./AccuracyBars";
import { judgingOf } from "./judging";
import { FilterReport } from "./FilterReport";
import { filterReport } from "./filtering";
import { JudgingReport } from "./JudgingReport";
import { Refined } from "./Refined";
import { rewardResult, section } from "./modelMetrics";

const SFT_FIGURES = ["loss_before", "loss", "perplexity", "trained_tokens", "rows"] as const;
const RL_FIGURES = ["reward", "gold", "kl", "length", "eos_share", "prompts"] as const;
const FOUNDATION_FIGURES = ["loss", "perplexity", "bits_per_character", "tokens"] as const;

/** Results on the frozen test split. */
export function ModelMetrics({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  // What is learned from rankings is measured on rankings, whether it judges or writes.
  const isRanked = model.stage === "reward" || model.stage === "dpo";
  const reward = isRanked ? rewardResult(model.metrics) : null;
  const judging = reward && judgingOf(model.metrics);
  const isFoundation = model.stage === "pretrain";
  // A foundation model is judged on text that was held out from it; a test split is a release's, and may be empty.
  const result = section(model.metrics, isFoundation ? "validation" : "test");
  const figure = (label: string, value: unknown) =>
    typeof value === "number"
      ? [{ label, value: Number.isInteger(value) ? format.integer(value) : format.decimal(value) }]
      : [];
  const figures =
    model.stage === "rl"
      ? RL_FIGURES.flatMap((name) => figure(t(`refined.figure.${name}`), result[name]))
      : (isFoundation ? FOUNDATION_FIGURES : SFT_FIGURES).flatMap((name) =>
          figure(t(`models.figure.${name}`), result[name]),
        );
  if (model.stage === "moderation") return <FilterReport report={filterReport(model.metrics)} />;
  return (
    <>
      <Panel
        title={t("models.metrics")}
        description={t(isFoundation ? "models.held_out_detail" : "models.metrics_detail")}
      >
        {reward && <AccuracyBars result={reward} judging={judging} />}
        {!reward && figures.length > 0 && <Figures figures={figures} />}
        {!reward && figures.length === 0 && <Text c="dimmed">{t("models.no_metrics")}</Text>}
      </Panel>
      {judging && <JudgingReport judging={judging} />}
      {model.stage === "rl" && <Refined metrics={model.metrics} />}
    </>
  );
}
