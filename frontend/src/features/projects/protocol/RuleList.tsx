import {
  ActionIcon,
  Button,
  Group,
  MultiSelect,
  Paper,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useMembers } from "@/shared/hooks/useMembers";
import type { Rule } from "@/shared/api/types";
import type { ColumnProps } from "./QueueForm";

/** For whom new tasks are, by the language and tags of their prompts: the first rule that fits holds. */
export function RuleList({ projectId, columns, faults, onChange }: ColumnProps) {
  const { t } = useTranslation();
  const members = useMembers(projectId);
  const rules = columns.assignment_rules;
  const set = (assignment_rules: Rule[]) => onChange({ assignment_rules });
  const change = (place: number, part: Rule) =>
    set(rules.map((rule, at) => (at === place ? { ...rule, ...part } : rule)));
  const people = members.map((member) => ({ value: String(member.user.id), label: member.user.name }));
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t("protocol.rule.detail")}
      </Text>
      {rules.map((rule, place) => (
        <Paper key={place} withBorder radius="md" p="md">
          <Group justify="space-between" mb="xs">
            <Text size="sm" fw={500}>
              {t("protocol.rule.number", { number: place + 1 })}
            </Text>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("protocol.rule.remove", { number: place + 1 })}
              onClick={() => set(rules.filter((_, at) => at !== place))}
            >
              <IconTrash size={17} />
            </ActionIcon>
          </Group>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {(["languages", "tags"] as const).map((part) => (
              <TagsInput
                key={part}
                label={t(`protocol.rule.${part}`)}
                placeholder={rule[part]?.length ? "" : t("protocol.rule.any")}
                value={rule[part] ?? []}
                onChange={(names) => change(place, { [part]: names })}
              />
            ))}
            <TextInput
              label={t("protocol.rule.team")}
              value={rule.team ?? ""}
              onChange={(event) => change(place, { team: event.currentTarget.value })}
            />
            <MultiSelect
              label={t("protocol.rule.people")}
              searchable
              data={people}
              value={rule.people?.map(String) ?? []}
              onChange={(chosen) => change(place, { people: chosen.map(Number) })}
            />
          </SimpleGrid>
          {faultOf(faults, place) && (
            <Text size="sm" c="var(--bennet-error)" mt="xs">
              {faultOf(faults, place)}
            </Text>
          )}
        </Paper>
      ))}
      <Group>
        <Button variant="default" size="xs" leftSection={<IconPlus size={15} />} onClick={() => set([...rules, {}])}>
          {t("protocol.rule.add")}
        </Button>
      </Group>
    </Stack>
  );
}

/** The server names a rule, or a part of one: "assignment_rules[0].languages". */
function faultOf(faults: ColumnProps["faults"], place: number): string | undefined {
  return Object.entries(faults).find(([field]) => field.startsWith(`assignment_rules[${place}]`))?.[1];
}
