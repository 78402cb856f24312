import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Figures } from "@/shared/components/Figures";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import { paceOptions } from "../api";

const SPANS = { today: 1, week: 7, fortnight: 14 } as const;

/** How long I have been at the desk lately; nothing before the first answer. */
export function MyHours() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: pace } = useQuery(paceOptions(0));
  if (!pace) return null;
  const secondsIn = (days: number) => pace.days.slice(-days).reduce((sum, { seconds }) => sum + seconds, 0);
  if (secondsIn(SPANS.fortnight) === 0) return null;
  const figures = (["today", "week", "fortnight"] as const).map((span) => ({
    label: t(`pace.hours.${span}`),
    value: format.duration(secondsIn(SPANS[span])),
  }));
  return (
    <Panel title={t("pace.hours.title")} description={t("pace.hours.detail")}>
      <Figures figures={figures} />
    </Panel>
  );
}
