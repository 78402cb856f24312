import { Button, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ProtocolSelect } from "@/shared/components/ProtocolSelect";
import { ANSWER_STATES, LEVELS } from "@/shared/api/types";
import { answerPeopleOptions } from "./api";
import { withoutGaps, type AnswerFilter } from "./answerFilter";
import { useFlagNames } from "./useFlagNames";

interface Props {
  projectId: number;
  filter: AnswerFilter;
  onFilter: (filter: AnswerFilter) => void;
}

/** Two abreast on a phone. */
const widthOf = (pixels: number) => ({ base: "calc(50% - 0.375rem)", xs: pixels });

/** What narrows the list of answers; whoever changes one keeps the others. */
export function AnswerFilters({ projectId, filter, onFilter }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(filter.q ?? "");
  const people = useQuery(answerPeopleOptions(projectId)).data ?? [];
  const flags = useFlagNames(projectId, filter.protocol);
  const change = (part: AnswerFilter) => onFilter(withoutGaps({ ...filter, ...part }));
  const search = useDebouncedCallback((q: string) => change({ q }), 300);
  const clear = () => {
    setText("");
    onFilter({});
  };
  return (
    <Group gap="sm" align="flex-end" role="search">
      <TextInput
        label={t("action.search")}
        placeholder={t("answers.search_hint")}
        leftSection={<IconSearch size={16} />}
        w={widthOf(230)}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          search(event.currentTarget.value);
        }}
      />
      <ProtocolSelect
        projectId={projectId}
        w={widthOf(180)}
        value={filter.protocol}
        onChange={(protocol) => change({ protocol, flag: undefined, guideline: undefined })}
      />
      <Select
        label={t("answers.column.annotator")}
        placeholder={t("answers.anybody")}
        clearable
        searchable
        w={widthOf(170)}
        data={people.map(({ id, name }) => ({ value: String(id), label: name }))}
        value={filter.annotator === undefined ? null : String(filter.annotator)}
        onChange={(id) => change({ annotator: id ? Number(id) : undefined })}
      />
      <Select
        label={t("answers.column.state")}
        placeholder={t("answers.any")}
        clearable
        w={widthOf(140)}
        data={ANSWER_STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
        value={filter.state ?? null}
        onChange={(state) => change({ state: state ?? undefined })}
      />
      <Select
        label={t("answers.column.agreement")}
        placeholder={t("answers.any")}
        clearable
        w={widthOf(220)}
        data={LEVELS.map((value) => ({ value, label: t(`agreement_level.${value}`) }))}
        value={filter.agreement ?? null}
        onChange={(agreement) => change({ agreement: agreement ?? undefined })}
      />
      <Select
        label={t("answers.flag")}
        placeholder={t("answers.any")}
        clearable
        searchable
        w={widthOf(170)}
        data={flags}
        value={filter.flag ?? null}
        onChange={(flag) => change({ flag: flag ?? undefined })}
      />
      <TextInput
        type="date"
        label={t("answers.since")}
        w={widthOf(150)}
        value={filter.since ?? ""}
        onChange={(event) => change({ since: event.currentTarget.value })}
      />
      <TextInput
        type="date"
        label={t("answers.until")}
        w={widthOf(150)}
        value={filter.until ?? ""}
        onChange={(event) => change({ until: event.currentTarget.value })}
      />
      {Object.keys(filter).length > 0 && (
        <Button variant="subtle" color="gray" onClick={clear}>
          {t("answers.clear")}
        </Button>
      )}
    </Group>
  );
}
