import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import { useReasons } from "./useReasons";

/** What stays outside a release, by reason. */
export function LeftOut({ leftOut }: { leftOut: Record<string, number> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const say = useReasons();
  const reasons = Object.entries(leftOut).filter(([, count]) => count > 0);
  return (
    <Text size="sm" c="dimmed">
      {reasons.length === 0
        ? t("releases.nothing_left_out")
        : `${t("releases.left_out")} ${reasons.map(([reason, count]) => `${say(reason)} ${format.integer(count)}`).join(" · ")}`}
    </Text>
  );
}
