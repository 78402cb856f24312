import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { boughtBy } from "@/shared/api/forecast";
import { useFormat } from "@/shared/i18n/useFormat";
import type { RoadStand } from "@/shared/api/types";

/** The one figure of a model that says most, what people reach beside it, and what more judgements would buy. */
export function Worth({ stand }: { stand: RoadStand }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { headline, ceiling, curve } = stand;
  const bought = curve && boughtBy(curve);
  const isShare = curve?.measure === "accuracy";
  const gain = (value: number) => (isShare ? format.tenths(value * 100) : format.about(value));
  const write = headline?.name === "accuracy" ? format.percent : format.decimal;
  return (
    <Stack gap={2}>
      {headline && (
        <Text size="sm">
          {t(`road.headline.${headline.name}`, { value: write(headline.value) })}
          {headline.low !== null &&
            headline.high !== null &&
            ` ${t("road.interval", { low: write(headline.low), high: write(headline.high) })}`}
          {headline.before !== null && ` ${t("road.before", { value: write(headline.before) })}`}
        </Text>
      )}
      {stand.station === "reward" && (
        <Text size="sm" c="dimmed">
          {ceiling ? t("road.ceiling", { value: format.percent(ceiling.agreement) }) : t("road.no_ceiling")}
        </Text>
      )}
      {curve && bought && (
        <Text size="sm" c="dimmed">
          {t(`curve.bought.${curve.measure}`, {
            more: format.integer(bought.more),
            gain: gain(bought.gain),
            low: gain(bought.low),
            high: gain(bought.high),
          })}
        </Text>
      )}
    </Stack>
  );
}
