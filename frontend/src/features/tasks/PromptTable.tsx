import { Badge, Checkbox, Group, Select, Table, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconMessages, IconSearch } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkAnchor } from "@/shared/components/Links";
import { Rows } from "@/shared/components/Rows";
import { useFormat } from "@/shared/i18n/useFormat";
import { SPLITS, type Split } from "@/shared/api/types";
import { promptsOptions } from "./api";

interface Props {
  projectId: number;
  chosen: ReadonlySet<number>;
  onChoose: (id: number) => void;
  actions: ReactNode;
}

export function PromptTable({ projectId, chosen, onChoose, actions }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [text, setText] = useState("");
  const [split, setSplit] = useState<Split | null>(null);
  const [q] = useDebouncedValue(text, 300);
  const query = useInfiniteQuery(promptsOptions(projectId, { q: q || undefined, split: split ?? undefined }));
  const columns = ["", t("prompts.column.prompt"), t("prompts.column.split"), t("prompts.column.added")];
  const isFiltered = q !== "" || split !== null;
  const empty = (
    <EmptyState icon={IconMessages} title={t(isFiltered ? "prompts.none_found" : "prompts.empty")}>
      {isFiltered ? undefined : t("prompts.empty_detail")}
    </EmptyState>
  );
  return (
    <>
      <Group justify="space-between">
        <Group gap="sm">
          <TextInput
            aria-label={t("action.search")}
            placeholder={t("action.search")}
            leftSection={<IconSearch size={16} />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            w={260}
          />
          <Select
            aria-label={t("prompts.column.split")}
            placeholder={t("prompts.any_split")}
            clearable
            w={170}
            value={split}
            onChange={setSplit}
            data={SPLITS.map((value) => ({ value, label: t(`split.${value}`) }))}
          />
        </Group>
        <Group gap="sm">{actions}</Group>
      </Group>
      <Rows query={query} label={t("prompts.title")} columns={columns} empty={empty}>
        {(prompt) => (
          <Table.Tr key={prompt.id}>
            <Table.Td w={36}>
              <Checkbox
                aria-label={t("prompts.choose", { id: prompt.id })}
                checked={chosen.has(prompt.id)}
                onChange={() => onChoose(prompt.id)}
              />
            </Table.Td>
            <Table.Td maw={560}>
              <LinkAnchor
                to="/projects/$projectId/prompts/$promptId"
                params={{ projectId, promptId: prompt.id }}
                c="inherit"
                display="block"
                truncate
              >
                {prompt.messages.at(-1)?.content}
              </LinkAnchor>
            </Table.Td>
            <Table.Td>
              <Badge variant="default" tt="none">
                {t(`split.${prompt.split}`)}
              </Badge>
            </Table.Td>
            <Table.Td>{format.ago(prompt.created_at)}</Table.Td>
          </Table.Tr>
        )}
      </Rows>
    </>
  );
}
