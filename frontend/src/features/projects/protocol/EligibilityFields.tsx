import { MultiSelect, TagsInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useMembers } from "@/shared/hooks/useMembers";
import { ROLES } from "@/shared/api/types";
import type { ColumnProps } from "./QueueForm";

const WORKING_ROLES = ROLES.filter((role) => role !== "researcher" && role !== "chat_user");

/** Who may work here; each field left empty lets everybody in. */
export function EligibilityFields({ projectId, columns, faults, onChange }: ColumnProps) {
  const { t } = useTranslation();
  const members = useMembers(projectId);
  const known = (names: readonly string[]) => [...new Set(names.filter(Boolean))].sort();
  return (
    <>
      <MultiSelect
        label={t("protocol.roles")}
        placeholder={columns.eligible_roles.length === 0 ? t("protocol.everybody") : ""}
        error={faults.eligible_roles}
        data={WORKING_ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
        value={columns.eligible_roles}
        onChange={(eligible_roles) => onChange({ eligible_roles })}
      />
      <TagsInput
        label={t("protocol.teams")}
        placeholder={columns.eligible_teams.length === 0 ? t("protocol.everybody") : ""}
        error={faults.eligible_teams}
        data={known(members.map((member) => member.team))}
        value={columns.eligible_teams}
        onChange={(eligible_teams) => onChange({ eligible_teams })}
      />
      <TagsInput
        label={t("protocol.qualifications")}
        description={t("protocol.qualifications_hint")}
        error={faults.required_qualifications}
        data={known(members.flatMap((member) => member.qualifications))}
        value={columns.required_qualifications}
        onChange={(required_qualifications) => onChange({ required_qualifications })}
      />
    </>
  );
}
