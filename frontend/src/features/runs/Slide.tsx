import { Slider, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Figures } from "@/shared/components/Figures";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import type { RunSample } from "@/shared/api/types";
import { samplesOptions } from "./api";
import classes from "./Slide.module.css";

interface Props {
  projectId: number;
  runId: number;
  isLive: boolean;
}

/** What a model wrote on its way from noise to prose, one stop for each sample. */
export function Slide({ projectId, runId, isLive }: Props) {
  const { t } = useTranslation();
  const samples = useQuery(samplesOptions(projectId, runId, isLive)).data ?? [];
  // Until somebody moves it, the slider follows the newest sample.
  const [chosen, choose] = useState<number | null>(null);
  const place = Math.min(chosen ?? samples.length - 1, samples.length - 1);
  const sample = samples[place];
  return (
    <Panel title={t("slide.title")} description={t("slide.detail")}>
      {sample ? (
        <>
          <Stops samples={samples} place={place} onChoose={choose} />
          <Sample sample={sample} />
        </>
      ) : (
        <Text c="dimmed">{t("slide.empty")}</Text>
      )}
    </Panel>
  );
}

function Stops({ samples, place, onChoose }: { samples: RunSample[]; place: number; onChoose: (to: number) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const nameOf = (at: number) => {
    const step = samples[at]?.step ?? 0;
    return step === 0 ? t("slide.before") : t("slide.round", { rounds: format.integer(step) });
  };
  return (
    <div className={classes.slider}>
      <Slider
        value={place}
        onChange={onChoose}
        min={0}
        max={Math.max(samples.length - 1, 1)}
        step={1}
        label={null}
        thumbLabel={t("slide.choose")}
        thumbValueText={nameOf}
        marks={samples.map(({ step }, value) => ({ value, label: format.integer(step) }))}
      />
    </div>
  );
}

function Sample({ sample }: { sample: RunSample }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { bits_per_character: bits, known_words: known, copied_8_grams: copied } = sample.values;
  const share = (value: number | null | undefined) => (typeof value === "number" ? format.percent(value) : "–");
  const figures = [
    {
      label: t("slide.bits"),
      value: typeof bits === "number" ? format.fixed(bits) : "–",
      note: t("slide.bits_note"),
    },
    { label: t("slide.known"), value: share(known), note: t("slide.known_note") },
    { label: t("slide.copied"), value: share(copied), note: t("slide.copied_note") },
  ];
  return (
    <>
      <blockquote className={classes.sample} aria-label={t("slide.sample")} aria-live="polite">
        <span className={classes.prompt}>{sample.prompt}</span>
        {sample.text}
      </blockquote>
      <Figures figures={figures} />
    </>
  );
}
