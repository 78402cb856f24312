import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { IconUsersGroup } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { ProblemNotice } from "@/shared/components/Problem";
import { Rows } from "@/shared/components/Rows";
import { changeMember, membersOptions, removeMember } from "./api";
import { MemberRow } from "./MemberRow";

export function MemberTable({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const query = useInfiniteQuery(membersOptions(projectId));
  const changing = useMutation({
    mutationFn: (change: () => Promise<unknown>) => change(),
    onSettled: () => queries.invalidateQueries({ queryKey: membersOptions(projectId).queryKey }),
  });
  const members = query.data ?? [];
  const known = (names: readonly string[]) => [...new Set(names.filter(Boolean))].sort();
  const columns = [
    t("people.column.name"),
    t("members.role"),
    t("members.languages"),
    t("members.team"),
    t("members.qualifications"),
    "",
  ];
  return (
    <>
      <ProblemNotice error={changing.error} />
      <Rows
        query={query}
        label={t("members.title")}
        columns={columns}
        empty={<EmptyState icon={IconUsersGroup} title={t("members.empty")} />}
      >
        {(member) => (
          <MemberRow
            key={member.id}
            member={member}
            teams={known(members.map((one) => one.team))}
            qualifications={known(members.flatMap((one) => one.qualifications))}
            onChange={(change) => changing.mutate(() => changeMember(projectId, member.id, change))}
            onRemove={() => changing.mutate(() => removeMember(projectId, member.id))}
          />
        )}
      </Rows>
    </>
  );
}
