import { Progress, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import type { RoadStand } from "@/shared/api/types";
import { shareOf } from "./standing";

/** How much there is to learn from beside how much is usual, and how good it is. */
export function DataHave({ stand }: { stand: RoadStand }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { need, have } = stand;
  const share = shareOf(stand);
  if (need === null || have === null || share === null) return null;
  const usual = need.high
    ? t("road.usual", { low: format.integer(need.low), high: format.integer(need.high) })
    : t("road.at_least", { low: format.integer(need.low) });
  const text = t(`road.have.${need.unit}`, { have: format.integer(have), usual });
  return (
    <Stack gap={4}>
      <Text size="sm" fw={550}>
        {text}
      </Text>
      <Progress value={share * 100} aria-label={text} size="sm" radius="xl" />
      <Quality stand={stand} />
    </Stack>
  );
}

function Quality({ stand }: { stand: RoadStand }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { accepted, agreement } = stand;
  const said = [
    accepted !== null && accepted > 0 && t("road.accepted", { share: format.percent(accepted) }),
    agreement?.is_measured &&
      agreement.agreement !== null &&
      t("road.agreement", {
        share: format.percent(agreement.agreement),
        low: format.percent(agreement.agreement_low ?? agreement.agreement),
        high: format.percent(agreement.agreement_high ?? agreement.agreement),
        tasks: format.integer(agreement.tasks),
      }),
    agreement && !agreement.is_measured && t("road.agreement_unknown", { count: agreement.tasks }),
  ].filter((one) => typeof one === "string");
  if (said.length === 0) return null;
  return (
    <Text size="sm" c="dimmed">
      {said.join(" ")}
    </Text>
  );
}
