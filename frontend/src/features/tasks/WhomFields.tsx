import { MultiSelect, SegmentedControl, Switch, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useMembers } from "@/shared/hooks/useMembers";

const CHOICES = ["people", "team", "everybody"] as const;

export interface Whom {
  is: (typeof CHOICES)[number];
  people: number[];
  team: string;
  /** Dealt out in turn, rather than each task for all of them. */
  dealt: boolean;
}

export const EVERYBODY: Whom = { is: "people", people: [], team: "", dealt: false };

export const isNobody = (whom: Whom) =>
  (whom.is === "people" && whom.people.length === 0) || (whom.is === "team" && whom.team.trim() === "");

interface Props {
  projectId: number;
  value: Whom;
  onChange: (whom: Whom) => void;
}

export function WhomFields({ projectId, value, onChange }: Props) {
  const { t } = useTranslation();
  const members = useMembers(projectId);
  return (
    <>
      <SegmentedControl
        aria-label={t("tasks.whom.label")}
        value={value.is}
        onChange={(is) => onChange({ ...value, is })}
        data={CHOICES.map((choice) => ({ value: choice, label: t(`tasks.whom.${choice}`) }))}
      />
      {value.is === "people" && (
        <>
          <MultiSelect
            label={t("tasks.whom.people")}
            searchable
            required
            data={members.map((member) => ({ value: String(member.user.id), label: member.user.name }))}
            value={value.people.map(String)}
            onChange={(people) => onChange({ ...value, people: people.map(Number) })}
            nothingFoundMessage={t("tasks.whom.nobody_found")}
          />
          <Switch
            label={t("tasks.whom.dealt")}
            description={t("tasks.whom.dealt_hint")}
            checked={value.dealt}
            onChange={(event) => onChange({ ...value, dealt: event.currentTarget.checked })}
          />
        </>
      )}
      {value.is === "team" && (
        <TextInput
          label={t("tasks.whom.team")}
          required
          value={value.team}
          onChange={(event) => onChange({ ...value, team: event.currentTarget.value })}
        />
      )}
    </>
  );
}
