import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { pagedOptions } from "@/shared/api/paging";
import type { Split, Task } from "@/shared/api/types";
import type { Brief } from "./briefs";

const at = (project: number) => ({ project });

export const promptsOptions = (id: number, filter: { q?: string; split?: Split }) =>
  pagedOptions(["project", id, "prompts", filter], (cursor) =>
    body(api.GET("/api/projects/{project}/prompts/", { params: { path: at(id), query: { ...filter, cursor } } })),
  );

export const promptOptions = (project_id: number, prompt_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "prompt", prompt_id],
    queryFn: () =>
      body(
        api.GET("/api/projects/{project}/prompts/{id}/", { params: { path: { project: project_id, id: prompt_id } } }),
      ),
  });

export const addPrompt = (id: number, prompt: { text: string; protocol?: number }) =>
  body(api.POST("/api/projects/{project}/prompts/", { params: { path: at(id) }, body: prompt }));

export const tasksOptions = (id: number, filter: { state?: Task["state"]; protocol?: number }) =>
  pagedOptions(["project", id, "tasks", filter], (cursor) =>
    body(api.GET("/api/projects/{project}/tasks/", { params: { path: at(id), query: { ...filter, cursor } } })),
  );

export interface NewTasks {
  protocol: number;
  prompts: number[];
  required_answers?: number;
  priority?: number;
}

export const openTasks = (id: number, tasks: NewTasks) =>
  body(api.POST("/api/projects/{project}/tasks/", { params: { path: at(id) }, body: tasks }));

export interface NewBriefs {
  protocol: number;
  briefs: Brief[];
  /** How many tasks there are to be for each brief. */
  copies: number;
  language?: string;
}

export const openBriefs = (id: number, tasks: NewBriefs) =>
  body(api.POST("/api/projects/{project}/tasks/", { params: { path: at(id) }, body: tasks }));

export interface ChosenTasks {
  protocol: number;
  tasks?: number[];
  language?: string;
  tag?: string;
  text?: string;
  count?: number;
}

export type Assignment = ChosenTasks & { people?: number[]; team?: string; each: "all" | "split" };

export const assignTasks = (id: number, assignment: Assignment) =>
  body(api.POST("/api/projects/{project}/tasks/assign/", { params: { path: at(id) }, body: assignment }));

export const unassignTasks = (id: number, chosen: ChosenTasks) =>
  body(api.POST("/api/projects/{project}/tasks/unassign/", { params: { path: at(id) }, body: chosen }));

export const cancelTask = (project_id: number, task_id: number) =>
  body(
    api.POST("/api/projects/{project}/tasks/{id}/cancel/", { params: { path: { project: project_id, id: task_id } } }),
  );
