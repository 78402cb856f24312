import { Badge, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Figures, type Figure } from "@/shared/components/Figures";
import { LinkAnchor } from "@/shared/components/Links";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import type { AgreementFigure, AgreementReport } from "@/shared/api/types";
import { AgreementTable } from "./AgreementTable";
import { CategoryAgreement } from "./CategoryAgreement";
import { AgreementWeeks } from "./AgreementWeeks";
import { useShare } from "./useShare";

interface Props {
  projectId: number;
  report: AgreementReport;
}

/** How the first figure is to be read, of kinds that are no rankings. */
const READINGS: Partial<
  Record<string, "agreement.reading_scores" | "agreement.reading_labels" | "agreement.reading_verdicts">
> = {
  score: "agreement.reading_scores",
  labels: "agreement.reading_labels",
  moderation_label: "agreement.reading_verdicts",
};

/** One protocol's figures: the whole of it, each annotator against the others, guideline versions, and weeks. */
export function ProtocolAgreement({ projectId, report }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const { protocol, overall } = report;
  const when = t("agreement.computed", { when: format.ago(report.computed_at) });
  return (
    <Panel
      title={protocol.name}
      description={`${t(`protocol_kind.${protocol.kind}`)} · ${when}`}
      actions={
        !report.is_current && (
          <Badge variant="light" color="yellow" tt="none">
            {t("agreement.stale")}
          </Badge>
        )
      }
    >
      {overall === null ? (
        <Text c="dimmed">{t("agreement.nothing")}</Text>
      ) : (
        <Stack gap="xl">
          <Overall kind={protocol.kind} figure={overall} />
          {report.categories.length > 0 && <CategoryAgreement categories={report.categories} />}
          <AgreementWeeks weeks={report.weeks} />
          <AgreementTable
            title={t("agreement.annotators")}
            note={t("agreement.annotators_note")}
            rows={report.annotators.map((row) => ({
              key: row.annotator.id,
              name: (
                <LinkAnchor
                  to="/projects/$projectId/answers"
                  params={{ projectId }}
                  size="sm"
                  search={{ protocol: protocol.id, annotator: row.annotator.id, agreement: "disagrees" }}
                >
                  {row.annotator.name}
                </LinkAnchor>
              ),
              figure: row,
            }))}
          />
          <AgreementTable
            title={t("agreement.guidelines")}
            rows={report.guidelines.map((row) => ({
              key: row.guideline ?? 0,
              name:
                row.guideline === null
                  ? t("agreement.no_guideline")
                  : t("agreement.guideline", { number: row.guideline }),
              figure: row,
            }))}
          />
        </Stack>
      )}
    </Panel>
  );
}

function Overall({ kind, figure }: { kind: AgreementReport["protocol"]["kind"]; figure: AgreementFigure }) {
  const { t } = useTranslation();
  const format = useFormat();
  const share = useShare();
  const isRanked = figure.tau_b.value !== null;
  const strict = isRanked ? "strict_ranked" : kind === "moderation_label" ? "strict_verdicts" : "strict_valued";
  const figures: Figure[] = [
    { label: t("agreement.agreement"), ...share(figure.agreement, "percent") },
    { label: t(`agreement.${strict}`), ...share(figure.strict, "percent") },
    ...(isRanked ? [{ label: t("agreement.tau_b"), ...share(figure.tau_b, "decimal") }] : []),
    { label: t("agreement.alpha"), ...share(figure.alpha, "decimal") },
  ];
  return (
    <Stack gap="sm">
      <Title order={3}>{t("agreement.overall")}</Title>
      <Figures figures={figures} />
      <Text size="sm" c="dimmed">
        {t("agreement.counted", {
          tasks: format.integer(figure.tasks),
          answers: format.integer(figure.answers),
        })}{" "}
        {t(READINGS[kind] ?? "agreement.reading_ranked")}
      </Text>
    </Stack>
  );
}
