import { Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Figures } from "@/shared/components/Figures";
import { LineChart } from "@/shared/components/LineChart";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import { TERMS, type Calibration, type Judging, type Share } from "./judging";

/** How sure a reward model is, where it is right, and what it may go by instead of what is said. */
export function JudgingReport({ judging }: { judging: Judging }) {
  const { t } = useTranslation();
  return (
    <>
      {judging.calibration && <HowSure calibration={judging.calibration} />}
      <Panel title={t("judging.probes")} description={t("judging.probes_detail")}>
        <Probes judging={judging} />
      </Panel>
      {judging.parts.length > 0 && (
        <Panel title={t("judging.parts")} description={t("judging.parts_detail")}>
          <Shares
            label={t("judging.parts")}
            rows={judging.parts.map((part) => ({
              name: `${t(`judging.kind.${part.kind}`)}: ${part.value}`,
              share: part,
            }))}
          />
        </Panel>
      )}
      {judging.annotators.length > 0 && <Annotators annotators={judging.annotators} />}
    </>
  );
}

function HowSure({ calibration }: { calibration: Calibration }) {
  const { t } = useTranslation();
  const format = useFormat();
  const points = calibration.curve.map((bin) => ({ x: bin.confidence, y: bin.accuracy }));
  return (
    <Panel title={t("judging.sure")} description={t("judging.sure_detail")}>
      <Figures
        figures={[
          { label: t("judging.ece"), value: format.percent(calibration.ece), note: t("judging.ece_note") },
          { label: t("judging.ece_after"), value: format.percent(calibration.eceAfter) },
          {
            label: t("judging.temperature"),
            value: format.decimal(calibration.temperature),
            note: t(calibration.temperature > 1 ? "judging.too_sure" : "judging.not_too_sure"),
          },
          { label: t("judging.brier"), value: format.decimal(calibration.brier) },
        ]}
      />
      {points.length > 1 && (
        <LineChart
          label={t("judging.curve")}
          xLabel={t("judging.confidence")}
          series={[
            { name: t("judging.right"), color: "var(--bennet-series-1)", points },
            {
              name: t("judging.ideal"),
              color: "var(--bennet-series-quiet)",
              points: points.map((point) => ({ x: point.x, y: point.x })),
            },
          ]}
          summary={t("judging.curve_summary", { ece: format.percent(calibration.ece) })}
          xFormat={format.percent}
          yFormat={format.percent}
        />
      )}
    </Panel>
  );
}

function Probes({ judging }: { judging: Judging }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { lengthCorrelation, firstPreferred } = judging;
  return (
    <Stack gap="md">
      <Figures
        figures={[
          {
            label: t("judging.length_correlation"),
            value: lengthCorrelation === null ? "–" : format.fixed(lengthCorrelation),
            note: t("judging.length_correlation_note"),
          },
          {
            label: t("judging.first_preferred"),
            value: firstPreferred === null ? "–" : format.percent(firstPreferred),
            note: t("judging.first_preferred_note"),
          },
        ]}
      />
      <Shares
        label={t("judging.probes")}
        rows={judging.probes.map(({ name, share }) => ({ name: t(`judging.probe.${name}`), share }))}
      />
    </Stack>
  );
}

function Shares({ label, rows }: { label: string; rows: { name: string; share: Share | null }[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table.ScrollContainer minWidth={420} type="native">
      <Table aria-label={label} verticalSpacing="xs" style={{ fontVariantNumeric: "tabular-nums" }}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("judging.where")}</Table.Th>
            <Table.Th>{t("judging.accuracy")}</Table.Th>
            <Table.Th>{t("judging.interval")}</Table.Th>
            <Table.Th>{t("judging.pairs")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ name, share }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={500}>
                {name}
              </Table.Th>
              <Table.Td>
                {share ? format.percent(share.accuracy) : <Text c="dimmed">{t("judging.too_few")}</Text>}
              </Table.Td>
              <Table.Td>{share ? `${format.percent(share.low)} – ${format.percent(share.high)}` : ""}</Table.Td>
              <Table.Td>{share ? format.integer(share.pairs) : ""}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Annotators({ annotators }: { annotators: Judging["annotators"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const terms = TERMS.filter((term) => annotators.some((one) => one.terms[term] !== undefined));
  return (
    <Panel title={t("judging.annotators")} description={t("judging.annotators_detail")}>
      <Table.ScrollContainer minWidth={420} type="native">
        <Table aria-label={t("judging.annotators")} verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("judging.annotator")}</Table.Th>
              {terms.map((term) => (
                <Table.Th key={term}>{t(`judging.term.${term}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {annotators.map((one) => (
              <Table.Tr key={one.name}>
                <Table.Th scope="row" fw={400} ff="monospace" fz="sm">
                  {one.name}
                </Table.Th>
                {terms.map((term) => (
                  <Table.Td key={term}>{format.fixed(one.terms[term] ?? 0)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="sm" c="dimmed">
        {t("judging.not_served")}
      </Text>
    </Panel>
  );
}
