import { Select, Table, TagsInput, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { IconUsersGroup } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { EmptyState } from "@/shared/components/EmptyState";
import { ProblemNotice } from "@/shared/components/Problem";
import { Rows } from "@/shared/components/Rows";
import { ROLES, type Member } from "@/shared/api/types";
import { changeMember, membersOptions, removeMember } from "./api";

export function MemberTable({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const query = useInfiniteQuery(membersOptions(projectId));
  const changing = useMutation({
    mutationFn: (change: () => Promise<unknown>) => change(),
    onSettled: () => queries.invalidateQueries({ queryKey: membersOptions(projectId).queryKey }),
  });
  const columns = [t("people.column.name"), t("members.role"), t("members.qualifications"), ""];
  const row = (member: Member) => (
    <Table.Tr key={member.id}>
      <Table.Td>
        <Text size="sm" fw={500}>
          {member.user.name}
        </Text>
        <Text size="xs" c="dimmed">
          {member.user.email}
        </Text>
      </Table.Td>
      <Table.Td>
        <Select
          aria-label={t("members.role")}
          w={160}
          size="xs"
          allowDeselect={false}
          value={member.role}
          data={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
          onChange={(role) => role && changing.mutate(() => changeMember(projectId, member.id, { role }))}
        />
      </Table.Td>
      <Table.Td>
        <TagsInput
          aria-label={t("members.qualifications")}
          size="xs"
          miw={200}
          value={member.qualifications}
          onChange={(qualifications) => changing.mutate(() => changeMember(projectId, member.id, { qualifications }))}
        />
      </Table.Td>
      <Table.Td ta="right">
        <ConfirmButton
          label={t("members.remove")}
          question={t("members.remove_question", { name: member.user.name })}
          detail={t("members.remove_detail")}
          onConfirm={() => changing.mutate(() => removeMember(projectId, member.id))}
        />
      </Table.Td>
    </Table.Tr>
  );
  return (
    <>
      <ProblemNotice error={changing.error} />
      <Rows
        query={query}
        label={t("members.title")}
        columns={columns}
        empty={<EmptyState icon={IconUsersGroup} title={t("members.empty")} />}
      >
        {row}
      </Rows>
    </>
  );
}
