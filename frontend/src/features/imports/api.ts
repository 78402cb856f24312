import { queryOptions } from "@tanstack/react-query";
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
] as const;
export type Format = (typeof FORMATS)[number];

export interface Upload {
  file: File;
  format: Format;
  options: { prompt_column?: string; completion_column?: string; sheet?: string; open_tasks: boolean };
}

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

export const cancelImport = (project_id: number, import_id: number) =>
  body(api.POST("/api/projects/{project}/imports/{id}/cancel/", at(project_id, import_id)));

export const retryImport = (project_id: number, import_id: number) =>
  body(api.POST("/api/projects/{project}/imports/{id}/retry/", at(project_id, import_id)));

/** By XMLHttpRequest, because fetch cannot tell how much of a body is on its way. */
export function upload(
  project_id: number,
  { file, format, options }: Upload,
  onProgress: (share: number) => void,
): Promise<Import> {
  const form = new FormData();
  form.set("format", format);
  form.set("options", JSON.stringify(options));
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
