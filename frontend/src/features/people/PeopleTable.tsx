import { Badge, Button, Group, Modal, Stack, Table, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { IconUsers } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { CopyField } from "@/shared/components/CopyField";
import { EmptyState } from "@/shared/components/EmptyState";
import { ProblemNotice } from "@/shared/components/Problem";
import { Rows } from "@/shared/components/Rows";
import type { Person } from "@/shared/api/types";
import { makeResetLink, peopleOptions, setActive } from "./api";

export function PeopleTable() {
  const { t } = useTranslation();
  const query = useInfiniteQuery(peopleOptions);
  const linking = useMutation({
    mutationFn: async (person: Person) => ({ person, ...(await makeResetLink(person.id)) }),
  });
  const columns = [t("people.column.name"), t("account.email"), t("people.column.status"), ""];
  return (
    <>
      <ProblemNotice error={linking.error} />
      <Rows
        query={query}
        label={t("people.title")}
        columns={columns}
        empty={<EmptyState icon={IconUsers} title={t("people.empty")} />}
      >
        {(person) => <PersonRow key={person.id} person={person} onLink={() => linking.mutate(person)} />}
      </Rows>
      <Modal
        opened={linking.isSuccess}
        onClose={linking.reset}
        title={t("people.reset_title", { name: linking.data?.person.name ?? "" })}
      >
        <Stack>
          <Text c="dimmed" size="sm">
            {t("people.reset_detail")}
          </Text>
          <CopyField label={t("people.link")} value={new URL(linking.data?.link ?? "/", location.origin).href} />
        </Stack>
      </Modal>
    </>
  );
}

function PersonRow({ person, onLink }: { person: Person; onLink: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const switching = useMutation({
    mutationFn: () => setActive(person.id, !person.is_active),
    onSuccess: () => queries.invalidateQueries({ queryKey: peopleOptions.queryKey }),
  });
  return (
    <Table.Tr>
      <Table.Td>{person.name}</Table.Td>
      <Table.Td>{person.email}</Table.Td>
      <Table.Td>
        <Group gap="xs">
          <Badge variant="light" tt="none" color={person.is_active ? "moss" : "gray"}>
            {t(person.is_active ? "people.active" : "people.inactive")}
          </Badge>
          {person.is_owner && (
            <Badge variant="outline" tt="none">
              {t("people.owner")}
            </Badge>
          )}
        </Group>
      </Table.Td>
      <Table.Td>
        <Group gap="xs" justify="flex-end" wrap="nowrap">
          <Button size="xs" variant="default" onClick={onLink}>
            {t("people.reset_link")}
          </Button>
          {!person.is_owner && person.is_active && (
            <ConfirmButton
              label={t("people.deactivate")}
              question={t("people.deactivate_question", { name: person.name })}
              detail={t("people.deactivate_detail")}
              loading={switching.isPending}
              onConfirm={switching.mutate}
            />
          )}
          {!person.is_owner && !person.is_active && (
            <Button size="xs" variant="subtle" loading={switching.isPending} onClick={() => switching.mutate()}>
              {t("people.activate")}
            </Button>
          )}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
