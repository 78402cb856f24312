import { Select, SimpleGrid } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ImportOptions } from "./api";

const COLUMNS = [
  "prompt_column",
  "completion_column",
  "chosen_column",
  "rejected_column",
  "label_column",
  "annotator_column",
] as const;

/** What a column is taken for where nobody says: by its name. */
const BY_NAME: Partial<Record<(typeof COLUMNS)[number], string>> = {
  prompt_column: "prompt",
  completion_column: "completion",
  annotator_column: "annotator",
};

interface Props {
  names: readonly string[];
  options: ImportOptions;
  onChoose: (change: Partial<ImportOptions>) => void;
}

/** Which of a table's columns holds what. */
export function ColumnFields({ names, options, onChoose }: Props) {
  const { t } = useTranslation();
  const known = [...new Set(names.filter(Boolean))];
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} role="group" aria-label={t("dry_run.columns")}>
      {COLUMNS.map((column) => {
        const taken = known.find((name) => name === BY_NAME[column]);
        return (
          <Select
            key={column}
            label={t(`dry_run.column.${column}`)}
            placeholder={taken ?? t("dry_run.no_column")}
            clearable
            searchable
            nothingFoundMessage={t("dry_run.no_such_column")}
            value={options[column] ?? null}
            onChange={(name) => onChoose({ [column]: name ?? "" })}
            data={known}
          />
        );
      })}
    </SimpleGrid>
  );
}
