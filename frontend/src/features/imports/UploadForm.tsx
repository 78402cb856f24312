import { Button, FileInput, Group, Progress, Select, Stack, Switch, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconFileUpload } from "@tabler/icons-react";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import type { Import } from "@/shared/api/types";
import { FORMATS, importsOptions, upload, type Format } from "./api";

/** What the columns, or keys, are called where nobody says otherwise. */
const COLUMNS: Partial<Record<Format, { prompt: string; completion: string }>> = {
  csv: { prompt: "prompt", completion: "completion" },
  jsonl: { prompt: "prompt", completion: "completion" },
  label_studio: { prompt: "prompt", completion: "answer1,answer2" },
};

interface Props {
  projectId: number;
  onUploaded: (row: Import) => void;
}

export function UploadForm({ projectId, onUploaded }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [format, setFormat] = useState<Format>("auto");
  const [promptColumn, setPromptColumn] = useState("");
  const [completionColumn, setCompletionColumn] = useState("");
  const [sheet, setSheet] = useState("");
  const [openTasks, setOpenTasks] = useState(true);
  const [share, setShare] = useState(0);
  const isWorkbook = file?.name.toLowerCase().endsWith(".xlsx") ?? false;
  const sending = useMutation({
    mutationFn: (file: File) => {
      const options = {
        prompt_column: promptColumn || undefined,
        completion_column: completionColumn || undefined,
        sheet: (isWorkbook && sheet) || undefined,
        open_tasks: openTasks,
      };
      return upload(projectId, { file, format, options }, setShare);
    },
    onSuccess: async (row) => {
      await queries.invalidateQueries({ queryKey: importsOptions(projectId).queryKey });
      onUploaded(row);
    },
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (file) sending.mutate(file);
  };
  return (
    <Panel title={t("imports.new")} description={t("imports.new_detail")}>
      <form onSubmit={send}>
        <Stack maw={520}>
          <ProblemNotice error={sending.error} />
          <FileInput
            label={t("imports.file")}
            placeholder={t("imports.choose_file")}
            required
            clearable
            leftSection={<IconFileUpload size={17} />}
            value={file}
            onChange={setFile}
            accept=".jsonl,.json,.csv,.tsv,.xlsx,.gz"
          />
          <Select
            label={t("imports.format")}
            description={t(`imports.format_hint.${format}`)}
            allowDeselect={false}
            value={format}
            onChange={(value) => value && setFormat(value)}
            data={FORMATS.map((value) => ({ value, label: t(`imports.format_name.${value}`) }))}
          />
          {isWorkbook && (
            <TextInput
              label={t("imports.sheet")}
              description={t("imports.sheet_hint")}
              value={sheet}
              onChange={(event) => setSheet(event.currentTarget.value)}
            />
          )}
          {COLUMNS[format] && (
            <Group grow>
              <TextInput
                label={t("imports.prompt_column")}
                placeholder={COLUMNS[format].prompt}
                value={promptColumn}
                onChange={(event) => setPromptColumn(event.currentTarget.value)}
              />
              <TextInput
                label={t("imports.completion_column")}
                placeholder={COLUMNS[format].completion}
                value={completionColumn}
                onChange={(event) => setCompletionColumn(event.currentTarget.value)}
              />
            </Group>
          )}
          <Switch
            label={t("imports.open_tasks")}
            description={t("imports.open_tasks_hint")}
            checked={openTasks}
            onChange={(event) => setOpenTasks(event.currentTarget.checked)}
          />
          {sending.isPending && (
            <Progress value={share * 100} aria-label={t("imports.uploading")} animated={share >= 1} />
          )}
          <Group>
            <Button type="submit" loading={sending.isPending} disabled={!file}>
              {t("imports.start")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
