import { Badge, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconHistory } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { Rows } from "@/shared/components/Rows";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Claim, MyAnswer } from "@/shared/api/types";
import { myAnswersOptions } from "./api";
import { Feedback } from "./history/Feedback";
import { ReopenButton } from "./history/ReopenButton";
import { TakeBack } from "./history/TakeBack";

export function MyAnswers({ onClaim }: { onClaim: (claim: Claim) => void }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(myAnswersOptions);
  const columns = [t("work.column.when"), t("work.column.work"), t("work.column.answer"), t("work.column.time"), ""];
  const empty = (
    <EmptyState icon={IconHistory} title={t("work.history_empty")}>
      {t("work.history_empty_detail")}
    </EmptyState>
  );
  return (
    <Rows query={query} label={t("work.history")} columns={columns} empty={empty}>
      {(answer) => <AnswerRow key={answer.id} answer={answer} onClaim={onClaim} />}
    </Rows>
  );
}

function AnswerRow({ answer, onClaim }: { answer: MyAnswer; onClaim: (claim: Claim) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" style={{ whiteSpace: "nowrap" }} title={format.dateTime(answer.submitted_at)}>
          {format.ago(answer.submitted_at)}
        </Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{answer.protocol.name}</Text>
        <Text size="xs" c="dimmed">
          {answer.project.name}
        </Text>
      </Table.Td>
      <Table.Td maw={420}>
        <Text size="sm" truncate>
          {summary(answer)}
        </Text>
        {answer.is_withdrawn && (
          <Text size="sm" c="dimmed">
            {t("work.withdrawn")}
          </Text>
        )}
        {answer.is_spare && (
          <Badge color="yellow" variant="light" tt="none" title={t("work.spare_detail")}>
            {t("work.spare")}
          </Badge>
        )}
        {!answer.is_withdrawn && <Feedback answer={answer} />}
      </Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        {answer.seconds === null ? null : format.duration(answer.seconds)}
      </Table.Td>
      <Table.Td ta="right">
        <ReopenButton answer={answer} onClaim={onClaim} />
        <TakeBack answer={answer} />
      </Table.Td>
    </Table.Tr>
  );
}

/** "2 > 1 = 3" for a ranking, the opening words of a demonstration. */
function summary(answer: MyAnswer): string {
  const payload = answer.payload as { completion?: string; tiers?: string[][] };
  const numbers = payload.tiers?.map((tier) => tier.map((label) => label.replace(/^c/, "")).join(" = "));
  return numbers?.join("  >  ") ?? payload.completion?.slice(0, 160) ?? "";
}
