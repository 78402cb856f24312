import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body, csrfToken } from "@/shared/api/client";
import { whileAnyLive, whileLive } from "@/shared/api/live";
import { pagedOptions } from "@/shared/api/paging";
import { Problem } from "@/shared/api/problem";
import type { Import } from "@/shared/api/types";

export const FORMATS = [
  "auto",
  "bennet",
  "csv",
  "jsonl",
  "hh_rlhf",
  "openassistant",
  "label_studio",
  "pandalm",
  "tulu",
  "davidson",
  "trl_sft",
  "trl_prompt",
  "trl_preference",
  "trl_unpaired",
  "openai_chat",
  "openai_preference",
  "sharegpt",
  "alpaca",
  "llama_factory_preference",
  "nemo_preference",
  "ultrafeedback",
  "autoj",
  "gsm8k_solutions",
  "hatecheck",
  "openai_moderation",
  "doccano",
  "doccano_pairs",
  "mt_bench",
  "text",
] as const;
export type Format = (typeof FORMATS)[number];

/** How a file is read: what is not said is found out, or as it is by default. */
export interface Reading {
  format: string;
  options: ImportOptions;
}
export interface ImportOptions {
  prompt_column?: string;
  completion_column?: string;
  annotator_column?: string;
  chosen_column?: string;
  rejected_column?: string;
  label_column?: string;
  header?: boolean;
  delimiter?: string;
  sheet?: string;
  source?: string;
  language?: string;
  text_unit?: TextUnit;
  open_tasks?: boolean;
}
/** What of plain text is a document. */
export const TEXT_UNITS = ["file", "paragraph", "line"] as const;
export type TextUnit = (typeof TEXT_UNITS)[number];

export const importsOptions = (id: number) => ({
  ...pagedOptions(["project", id, "imports"], (cursor) =>
    body(api.GET("/api/projects/{project}/imports/", { params: { path: { project: id }, query: { cursor } } })),
  ),
  refetchInterval: whileAnyLive,
});

const at = (project_id: number, import_id: number) => ({ params: { path: { project: project_id, id: import_id } } });

export const importOptions = (project_id: number, import_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "import", import_id],
    queryFn: () => body(api.GET("/api/projects/{project}/imports/{id}/", at(project_id, import_id))),
    refetchInterval: whileLive,
  });

export const rejectionsOptions = (project_id: number, import_id: number) =>
  pagedOptions(["project", project_id, "import", import_id, "rejections"], (cursor) =>
    body(
      api.GET("/api/projects/{project}/imports/{id}/rejections/", {
        params: { path: { project: project_id, id: import_id }, query: { cursor } },
      }),
    ),
  );

/** The beginning of a file as it is read at present; read otherwise, it is asked for anew. */
export const importPreviewOptions = (project_id: number, row: Import) =>
  queryOptions({
    queryKey: ["project", project_id, "import", row.id, "preview", row.format, row.options],
    queryFn: () => body(api.GET("/api/projects/{project}/imports/{id}/preview/", at(project_id, row.id))),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });

export const reviseImport = (project_id: number, import_id: number, reading: Reading) =>
  body(
    api.PATCH("/api/projects/{project}/imports/{id}/", {
      ...at(project_id, import_id),
      body: { format: reading.format as Format, options: { ...reading.options } },
    }),
  );

export const confirmImport = (project_id: number, import_id: number) =>
  body(api.POST("/api/projects/{project}/imports/{id}/confirm/", at(project_id, import_id)));

export const discardImport = (project_id: number, import_id: number) =>
  api.DELETE("/api/projects/{project}/imports/{id}/", at(project_id, import_id));

export const cancelImport = (project_id: number, import_id: number) =>
  body(api.POST("/api/projects/{project}/imports/{id}/cancel/", at(project_id, import_id)));

export const retryImport = (project_id: number, import_id: number) =>
  body(api.POST("/api/projects/{project}/imports/{id}/retry/", at(project_id, import_id)));

/** To be looked at first. By XMLHttpRequest, because fetch cannot tell how much of a body is on its way. */
export function upload(project_id: number, file: File, onProgress: (share: number) => void): Promise<Import> {
  const form = new FormData();
  form.set("dry_run", "true");
  form.set("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/projects/${project_id}/imports/`);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.upload.onprogress = (event) => onProgress(event.total > 0 ? event.loaded / event.total : 0);
    request.onerror = () => reject(new Problem(0, "network", ""));
    request.onload = () => {
      const answer = new Response(request.responseText, { status: request.status });
      if (answer.ok) resolve(answer.json() as Promise<Import>);
      else void Problem.from(answer).then(reject);
    };
    request.send(form);
  });
}
