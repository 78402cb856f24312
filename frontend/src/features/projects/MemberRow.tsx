import { Select, Table, TagsInput, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { ROLES, type Member, type Role } from "@/shared/api/types";

export interface MemberChange {
  role?: Role;
  qualifications?: string[];
  languages?: string[];
  team?: string;
}

interface Props {
  member: Member;
  /** Names that other members have: to be picked rather than typed. */
  teams: string[];
  qualifications: string[];
  onChange: (change: MemberChange) => void;
  onRemove: () => void;
}

/** Room for typing beside the names, not below them. */
const NARROW = { inputField: { minWidth: 30, flex: "1 1 30px" } };

export function MemberRow({ member, teams, qualifications, onChange, onRemove }: Props) {
  const { t } = useTranslation();
  return (
    <Table.Tr>
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
          w={130}
          size="xs"
          allowDeselect={false}
          value={member.role}
          data={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
          onChange={(role) => role && onChange({ role })}
        />
      </Table.Td>
      <Table.Td>
        <TagsInput
          styles={NARROW}
          aria-label={t("members.languages")}
          placeholder={member.languages.length === 0 ? t("members.all_languages") : ""}
          size="xs"
          miw={120}
          value={member.languages}
          onChange={(languages) => onChange({ languages })}
        />
      </Table.Td>
      <Table.Td>
        <TeamField team={member.team} teams={teams} onChange={(team) => onChange({ team })} />
      </Table.Td>
      <Table.Td>
        <TagsInput
          styles={NARROW}
          aria-label={t("members.qualifications")}
          size="xs"
          miw={150}
          data={qualifications}
          value={member.qualifications}
          onChange={(chosen) => onChange({ qualifications: chosen })}
        />
      </Table.Td>
      <Table.Td ta="right">
        <ConfirmButton
          label={t("members.remove")}
          question={t("members.remove_question", { name: member.user.name })}
          detail={t("members.remove_detail")}
          onConfirm={onRemove}
        />
      </Table.Td>
    </Table.Tr>
  );
}

/** Saved when it is left, or at Enter. */
function TeamField({ team, teams, onChange }: { team: string; teams: string[]; onChange: (team: string) => void }) {
  const { t } = useTranslation();
  const save = (value: string) => {
    if (value.trim() !== team) onChange(value.trim());
  };
  return (
    <>
      <TextInput
        key={team}
        aria-label={t("members.team")}
        size="xs"
        miw={110}
        maxLength={60}
        list="bennet-teams"
        defaultValue={team}
        onBlur={(event) => save(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      />
      <datalist id="bennet-teams">
        {teams.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}
