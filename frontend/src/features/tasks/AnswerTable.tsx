import { Badge, Group, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconChecklist } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkAnchor } from "@/shared/components/Links";
import { ProtocolSelect } from "@/shared/components/ProtocolSelect";
import { Rows } from "@/shared/components/Rows";
import { useFormat } from "@/shared/i18n/useFormat";
import { answersOptions } from "./api";

export function AnswerTable({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [protocol, setProtocol] = useState<number>();
  const query = useInfiniteQuery(answersOptions(projectId, { protocol }));
  const columns = [
    t("answers.column.prompt"),
    t("answers.column.annotator"),
    t("protocol.one"),
    t("work.column.when"),
    t("work.column.time"),
  ];
  return (
    <>
      <Group>
        <ProtocolSelect projectId={projectId} w={240} value={protocol} onChange={setProtocol} />
      </Group>
      <Rows
        query={query}
        label={t("answers.title")}
        columns={columns}
        empty={
          <EmptyState icon={IconChecklist} title={t("answers.empty")}>
            {t("answers.empty_detail")}
          </EmptyState>
        }
      >
        {(answer) => (
          <Table.Tr key={answer.id}>
            <Table.Td maw={360}>
              <LinkAnchor
                to="/projects/$projectId/answers/$answerId"
                params={{ projectId, answerId: answer.id }}
                c="inherit"
                display="block"
                truncate
              >
                {answer.messages.at(-1)?.content}
              </LinkAnchor>
            </Table.Td>
            <Table.Td>
              <Text size="sm">{answer.annotator.name}</Text>
            </Table.Td>
            <Table.Td>
              <Group gap="xs">
                <Text size="sm">{answer.protocol.name}</Text>
                {answer.is_spare && (
                  <Badge color="yellow" variant="light" tt="none">
                    {t("work.spare")}
                  </Badge>
                )}
              </Group>
            </Table.Td>
            <Table.Td>{format.ago(answer.submitted_at)}</Table.Td>
            <Table.Td>{answer.seconds === null ? null : format.duration(answer.seconds)}</Table.Td>
          </Table.Tr>
        )}
      </Rows>
    </>
  );
}
