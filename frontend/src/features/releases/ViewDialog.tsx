import { Button, Checkbox, Group, Modal, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import { asProblem } from "@/shared/api/problem";
import type { ViewFormat } from "@/shared/api/types";
import { viewsOptions, writeView, type Choices } from "./api";

type Option = ViewFormat["options"][number];
type Value = Choices[string];

interface Props {
  projectId: number;
  releaseId: number;
  format: ViewFormat;
  onClose: () => void;
}

/** What can be chosen of a view before it is written: its file, its packing, how rankings become pairs. */
export function ViewDialog({ projectId, releaseId, format, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Choices>({});
  const writing = useMutation({
    mutationFn: () => writeView(projectId, releaseId, format.id, chosen),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: viewsOptions(projectId, releaseId).queryKey });
      onClose();
    },
  });
  const errors = writing.error ? asProblem(writing.error).fields : {};
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    writing.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={t("releases.write_view_as", { format: format.label })}>
      <form onSubmit={send}>
        <Stack>
          <ProblemNotice error={writing.error} />
          <Text size="sm" c="dimmed">
            {t("releases.loses")} {format.loses.join("; ")}
          </Text>
          {format.options.map((option) => (
            <Choice
              key={option.name}
              option={option}
              label={wordsOf(t, format.id, option)}
              value={chosen[option.name]}
              error={errors[`options.${option.name}`]}
              onChange={(value) => setChosen((old) => changed(old, option, value))}
            />
          ))}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("action.cancel")}
            </Button>
            <Button type="submit" loading={writing.isPending} data-autofocus>
              {t("releases.write_view")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface ChoiceProps {
  option: Option;
  label: string;
  value: Value | undefined;
  error: string | undefined;
  onChange: (value: Value) => void;
}

function Choice({ option, label, value, error, onChange }: ChoiceProps) {
  const { t } = useTranslation();
  const shown = value ?? (option.default as Value);
  switch (option.type) {
    case "boolean":
      return (
        <Checkbox
          label={label}
          error={error}
          checked={shown === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "choice":
      return (
        <Select
          label={label}
          error={error}
          allowDeselect={false}
          data={option.choices.map((choice) => ({ value: choice, label: choiceOf(t, choice) }))}
          value={String(shown)}
          onChange={(choice) => choice !== null && onChange(choice)}
        />
      );
    case "integer":
    case "number":
      return (
        <NumberInput
          label={label}
          error={error}
          min={option.minimum}
          max={option.maximum}
          allowDecimal={option.type === "number"}
          value={Number(shown)}
          onChange={(number) => typeof number === "number" && onChange(number)}
        />
      );
    case "text":
      return (
        <TextInput
          label={label}
          error={error}
          value={String(shown)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

/** What an option means in the reader's language: of this format, or of all; the server's English where there is none. */
const wordsOf = (t: TFunction, format: string, option: Option): string =>
  t([`view_option.${format}_${option.name}`, `view_option.${option.name}`], { defaultValue: option.label });

const choiceOf = (t: TFunction, choice: string): string =>
  t(`view_choice.${choice}`, { defaultValue: choice.replaceAll("_", " ") });

/** Only what differs from the default is sent, so that equal views are one. */
function changed(old: Choices, option: Option, value: Value): Choices {
  const others = Object.fromEntries(Object.entries(old).filter(([name]) => name !== option.name));
  return value === option.default ? others : { ...others, [option.name]: value };
}
