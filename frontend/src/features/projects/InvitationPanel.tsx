import { Badge, Button, Group, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { CopyField } from "@/shared/components/CopyField";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { Rows } from "@/shared/components/Rows";
import { useFormat } from "@/shared/i18n/useFormat";
import { ROLES, type Invitation, type Role } from "@/shared/api/types";
import { invitationsOptions, invite, revokeInvitation } from "./api";

export function InvitationPanel({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("annotator");
  const refresh = () => queries.invalidateQueries({ queryKey: invitationsOptions(projectId).queryKey });
  const inviting = useMutation({
    mutationFn: () => invite(projectId, { email, role }),
    onSuccess: () => {
      setEmail("");
      return refresh();
    },
  });
  const revoking = useMutation({ mutationFn: (id: number) => revokeInvitation(projectId, id), onSuccess: refresh });
  const query = useInfiniteQuery(invitationsOptions(projectId));
  const columns = [t("account.email"), t("members.role"), t("members.invitation_state"), ""];
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    inviting.mutate();
  };
  const made = inviting.data;
  return (
    <Panel title={t("members.invite")} description={t("members.invite_detail")}>
      <form onSubmit={send}>
        <Group align="flex-end" gap="sm">
          <TextInput
            label={t("account.email")}
            type="email"
            required
            flex="1 1 240px"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Select
            label={t("members.role")}
            w={170}
            allowDeselect={false}
            value={role}
            onChange={(value) => value && setRole(value)}
            data={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
          />
          <Button type="submit" loading={inviting.isPending}>
            {t("members.send")}
          </Button>
        </Group>
      </form>
      <ProblemNotice error={inviting.error ?? revoking.error} />
      {made?.link && (
        <Stack gap={6}>
          <CopyField
            label={t("members.link_for", { email: made.email })}
            value={new URL(made.link, location.origin).href}
          />
          <Text size="sm" c="dimmed">
            {t(made.emailed ? "members.emailed" : "members.not_emailed")}
          </Text>
        </Stack>
      )}
      <Rows
        query={query}
        label={t("members.invitations")}
        columns={columns}
        empty={<Text c="dimmed">{t("members.no_invitations")}</Text>}
      >
        {(invitation) => (
          <Table.Tr key={invitation.id}>
            <Table.Td>{invitation.email}</Table.Td>
            <Table.Td>{t(`role.${invitation.role}`)}</Table.Td>
            <Table.Td>
              <InvitationState invitation={invitation} />
            </Table.Td>
            <Table.Td ta="right">
              {!invitation.accepted_at && !invitation.revoked_at && (
                <ConfirmButton
                  label={t("members.revoke")}
                  question={t("members.revoke_question", { email: invitation.email })}
                  detail={t("members.revoke_detail")}
                  onConfirm={() => revoking.mutate(invitation.id)}
                />
              )}
            </Table.Td>
          </Table.Tr>
        )}
      </Rows>
    </Panel>
  );
}

function InvitationState({ invitation }: { invitation: Invitation }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (invitation.accepted_at)
    return (
      <Badge variant="light" color="moss" tt="none">
        {t("members.accepted")}
      </Badge>
    );
  if (invitation.revoked_at)
    return (
      <Badge variant="light" color="gray" tt="none">
        {t("members.revoked")}
      </Badge>
    );
  return <Text size="sm">{t("members.open_until", { when: format.dateTime(invitation.expires_at) })}</Text>;
}
