import { Badge, Group, Stack, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconChecklist } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkAnchor } from "@/shared/components/Links";
import { Rows } from "@/shared/components/Rows";
import { StateBadge } from "@/shared/components/StateBadge";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Answer } from "@/shared/api/types";
import { AnswerFilters } from "./AnswerFilters";
import { answersOptions } from "./api";
import type { AnswerFilter } from "./answerFilter";
import { StrikesMade } from "./StrikesMade";
import { StrikeWork } from "./StrikeWork";

interface Props {
  projectId: number;
  filter: AnswerFilter;
  onFilter: (filter: AnswerFilter) => void;
  mayReview: boolean;
}

/** The answers browser: a filtered list, each row leading to the answer as its author saw it. */
export function AnswerTable({ projectId, filter, onFilter, mayReview }: Props) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(answersOptions(projectId, filter));
  const isFiltered = Object.keys(filter).length > 0;
  const columns = [
    t("answers.column.prompt"),
    t("answers.column.annotator"),
    t("protocol.one"),
    t("answers.column.state"),
    t("answers.column.agreement"),
    t("work.column.when"),
    t("work.column.time"),
  ];
  return (
    <Stack gap="lg">
      <AnswerFilters projectId={projectId} filter={filter} onFilter={onFilter} />
      {mayReview && filter.annotator !== undefined && (
        <StrikeWork
          projectId={projectId}
          work={{ annotator: filter.annotator, protocol: filter.protocol, since: filter.since }}
        />
      )}
      {mayReview && (filter.annotator !== undefined || filter.state === "struck") && (
        <StrikesMade projectId={projectId} annotator={filter.annotator} />
      )}
      {(filter.q ?? filter.flag) && (
        <Text size="sm" c="dimmed">
          {t("strikes.searched")}
        </Text>
      )}
      <Rows
        query={query}
        label={t("answers.title")}
        columns={columns}
        empty={
          <EmptyState icon={IconChecklist} title={t(isFiltered ? "answers.none_found" : "answers.empty")}>
            {t(isFiltered ? "answers.none_found_detail" : "answers.empty_detail")}
          </EmptyState>
        }
      >
        {(answer) => <AnswerRow key={answer.id} projectId={projectId} answer={answer} filter={filter} />}
      </Rows>
    </Stack>
  );
}

interface RowProps {
  projectId: number;
  answer: Answer;
  filter: AnswerFilter;
}

function AnswerRow({ projectId, answer, filter }: RowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table.Tr>
      <Table.Td maw={320}>
        <LinkAnchor
          to="/projects/$projectId/answers/$answerId"
          params={{ projectId, answerId: answer.id }}
          search={filter}
          c="inherit"
          display="block"
          truncate
        >
          {answer.messages.at(-1)?.content ?? t("answers.one", { id: answer.id })}
        </LinkAnchor>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{answer.annotator.name}</Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{answer.protocol.name}</Text>
      </Table.Td>
      <Table.Td>
        <Group gap={6} wrap="nowrap" miw="max-content">
          <StateBadge state={answer.state} />
          {answer.is_spare && (
            <Badge color="yellow" variant="light" tt="none">
              {t("work.spare")}
            </Badge>
          )}
        </Group>
      </Table.Td>
      <Table.Td>{answer.agreement === null ? "–" : format.percent(answer.agreement)}</Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>{format.ago(answer.submitted_at)}</Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        {answer.seconds === null ? null : format.duration(answer.seconds)}
      </Table.Td>
    </Table.Tr>
  );
}
