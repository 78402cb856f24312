import { Group, Select, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Import, ImportPreview } from "@/shared/api/types";
import { FORMATS, TEXT_UNITS, type Format, type ImportOptions, type Reading } from "./api";
import { ColumnFields } from "./ColumnFields";
import { TableSample } from "./TableSample";

interface Props {
  row: Import;
  preview: ImportPreview | undefined;
  onChange: (reading: Reading) => void;
}

const DELIMITERS = ["comma", "semicolon", "tab"] as const;
/** Whose rows are told apart by columns that somebody may name. */
const BY_COLUMN = new Set(["csv", "jsonl", "label_studio", ""]);

const isKnown = (name: string): name is Format => FORMATS.some((format) => format === name);

/** How a file is read: by which format, which column holds what, and what is said of all rows. */
export function ReadingForm({ row, preview, onChange }: Props) {
  const { t } = useTranslation();
  const options = row.options as ImportOptions;
  const choose = (change: Partial<ImportOptions>) =>
    onChange({ format: row.format, options: without({ ...options, ...change }) });
  const table = preview?.table;
  const found = preview?.format ?? "";
  const formatName = (name: string) => (isKnown(name) ? t(`imports.format_name.${name}`) : name);
  const isText = Boolean(table?.delimiter);
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label={t("imports.format")}
          description={
            row.format !== "auto" && isKnown(row.format)
              ? t(`imports.format_hint.${row.format}`)
              : found && t("dry_run.recognised", { format: formatName(found) })
          }
          allowDeselect={false}
          searchable
          value={row.format}
          onChange={(format) => format && onChange({ format, options })}
          data={FORMATS.map((value) => ({ value, label: formatName(value) }))}
        />
        {(row.format === "auto" ? found : row.format) === "text" && (
          <Select
            label={t("dry_run.text_unit")}
            description={t("dry_run.text_unit_hint")}
            allowDeselect={false}
            value={options.text_unit ?? "file"}
            onChange={(unit) => unit && choose({ text_unit: unit })}
            data={TEXT_UNITS.map((value) => ({ value, label: t(`dry_run.text_units.${value}`) }))}
          />
        )}
        {row.file_name.toLowerCase().endsWith(".xlsx") && (
          <Said
            name="sheet"
            label={t("imports.sheet")}
            hint={t("imports.sheet_hint")}
            options={options}
            onSay={choose}
          />
        )}
      </SimpleGrid>
      {table && BY_COLUMN.has(row.format === "auto" ? found : row.format) && (
        <>
          {isText && (
            <Group align="flex-end">
              <Select
                label={t("dry_run.delimiter")}
                allowDeselect={false}
                value={options.delimiter ?? table.delimiter}
                onChange={(delimiter) => delimiter && choose({ delimiter })}
                data={DELIMITERS.map((value) => ({ value, label: t(`dry_run.delimiters.${value}`) }))}
              />
              <Switch
                mb={8}
                label={t("dry_run.header")}
                checked={options.header ?? true}
                onChange={(event) => choose({ header: event.currentTarget.checked })}
              />
            </Group>
          )}
          <ColumnFields names={table.names} options={options} onChoose={choose} />
          <TableSample table={table} />
        </>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Said
          name="source"
          label={t("dry_run.source")}
          hint={t("dry_run.source_hint")}
          options={options}
          onSay={choose}
        />
        <Said
          name="language"
          label={t("dry_run.language")}
          hint={t("dry_run.language_hint")}
          options={options}
          onSay={choose}
        />
      </SimpleGrid>
      <Switch
        label={t("imports.open_tasks")}
        description={t("imports.open_tasks_hint")}
        checked={options.open_tasks ?? true}
        onChange={(event) => choose({ open_tasks: event.currentTarget.checked })}
      />
    </Stack>
  );
}

interface SaidProps {
  name: "sheet" | "source" | "language";
  label: string;
  hint: string;
  options: ImportOptions;
  onSay: (change: Partial<ImportOptions>) => void;
}

/** A word about the whole file, taken when one leaves the field. */
function Said({ name, label, hint, options, onSay }: SaidProps) {
  const value = options[name] ?? "";
  return (
    <TextInput
      key={value}
      label={label}
      description={hint}
      maxLength={60}
      defaultValue={value}
      onBlur={(event) => event.currentTarget.value !== value && onSay({ [name]: event.currentTarget.value })}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
    />
  );
}

/** Leave out what says nothing: the options that are kept are those that somebody chose. */
function without(options: ImportOptions): ImportOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== "" && value !== undefined));
}
