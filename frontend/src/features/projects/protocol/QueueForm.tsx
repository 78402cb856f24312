import { Button, Fieldset, Group, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/shared/api/problem";
import { ProblemNotice } from "@/shared/components/Problem";
import type { Protocol } from "@/shared/api/types";
import type { QueueColumns } from "./api";
import { EligibilityFields } from "./EligibilityFields";
import { FollowUpField } from "./FollowUpField";
import { LimitFields } from "./LimitFields";
import { OverlapFields } from "./OverlapFields";
import { RuleList } from "./RuleList";

export interface ColumnProps {
  projectId: number;
  columns: QueueColumns;
  /** What the server refused, by column. */
  faults: Readonly<Record<string, string>>;
  onChange: (change: Partial<QueueColumns>) => void;
}

interface Props {
  projectId: number;
  protocol: Protocol;
  save: (columns: QueueColumns) => Promise<Protocol>;
  onSaved: (protocol: Protocol) => void;
}

const GROUPS = [
  ["overlap", OverlapFields],
  ["eligibility", EligibilityFields],
  ["limits", LimitFields],
  ["rules", RuleList],
] as const;

/** How many answers, by whom, and for whom: what steers the protocol's queue. */
export function QueueForm({ projectId, protocol, save, onSaved }: Props) {
  const { t } = useTranslation();
  const [columns, setColumns] = useState<QueueColumns>(() => columnsOf(protocol));
  const saving = useMutation({ mutationFn: () => save(columns), onSuccess: onSaved });
  const faults = saving.error ? asProblem(saving.error).fields : {};
  const onChange = (change: Partial<QueueColumns>) => setColumns((old) => ({ ...old, ...change }));
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack gap="xl">
        <ProblemNotice error={saving.error} />
        {GROUPS.map(([name, Fields]) => (
          <Fieldset key={name} variant="unstyled" legend={t(`protocol.queue.${name}`)} fw={600}>
            <Stack mt="xs" fw={400}>
              <Fields projectId={projectId} columns={columns} faults={faults} onChange={onChange} />
            </Stack>
          </Fieldset>
        ))}
        <FollowUpField
          projectId={projectId}
          protocol={protocol}
          value={columns.follow_up}
          error={faults.follow_up}
          onChange={(follow_up) => onChange({ follow_up })}
        />
        <Group>
          <Button type="submit" loading={saving.isPending}>
            {t("action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function columnsOf(protocol: Protocol): QueueColumns {
  return {
    required_answers: protocol.required_answers,
    maximum_answers: protocol.maximum_answers,
    agreement_floor: protocol.agreement_floor,
    lease_seconds: protocol.lease_seconds,
    eligible_roles: protocol.eligible_roles,
    eligible_teams: protocol.eligible_teams,
    required_qualifications: protocol.required_qualifications,
    answers_per_person: protocol.answers_per_person,
    answers_per_day: protocol.answers_per_day,
    calibration_share: protocol.calibration_share,
    assignment_rules: protocol.assignment_rules,
    follow_up: protocol.follow_up,
  };
}
