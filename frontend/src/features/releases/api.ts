import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { isFinal, LIVE_MILLISECONDS, whileLive } from "@/shared/api/live";
import { pagedOptions } from "@/shared/api/paging";
import type { AnswerState } from "@/shared/api/types";

export interface Selection {
  protocols?: number[];
  date_from?: string;
  date_to?: string;
  languages?: string[];
  include_spares?: boolean;
  documents?: boolean;
  annotators?: number[];
  guideline_versions?: number[];
  tags?: string[];
  review_states?: AnswerState[];
  agreement_from?: number;
  split_by?: "prompt" | "annotator";
}

/** The values of a view's choices, those that differ from its defaults. */
export type Choices = Record<string, string | number | boolean>;

const stored = (selection: Selection) => ({ ...selection }) as Record<string, unknown>;
const at = (project_id: number, release_id: number) => ({ params: { path: { project: project_id, id: release_id } } });

export const previewOptions = (project_id: number, selection: Selection) =>
  queryOptions({
    queryKey: ["project", project_id, "release-preview", selection],
    queryFn: () =>
      body(
        api.POST("/api/projects/{project}/releases/preview/", {
          params: { path: { project: project_id } },
          body: { selection: stored(selection) },
        }),
      ),
    placeholderData: (before) => before,
  });

export const freeze = (project_id: number, name: string, selection: Selection) =>
  body(
    api.POST("/api/projects/{project}/releases/", {
      params: { path: { project: project_id } },
      body: { name, selection: stored(selection) },
    }),
  );

export const releaseOptions = (project_id: number, release_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "release", release_id],
    queryFn: () => body(api.GET("/api/projects/{project}/releases/{id}/", at(project_id, release_id))),
    refetchInterval: whileLive,
  });

export const cancelRelease = (project_id: number, release_id: number) =>
  body(api.POST("/api/projects/{project}/releases/{id}/cancel/", at(project_id, release_id)));

export const retryRelease = (project_id: number, release_id: number) =>
  body(api.POST("/api/projects/{project}/releases/{id}/retry/", at(project_id, release_id)));

export const formatsOptions = () =>
  queryOptions({
    queryKey: ["view-formats"],
    queryFn: () => body(api.GET("/api/view-formats/")),
    staleTime: Infinity,
  });

export const viewsOptions = (project_id: number, release_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "release", release_id, "views"],
    queryFn: () => body(api.GET("/api/projects/{project}/releases/{id}/views/", at(project_id, release_id))),
    refetchInterval: ({ state }) =>
      (state.data ?? []).some((view) => !isFinal(view.state)) ? LIVE_MILLISECONDS : false,
  });

/** Ask for a view; one that stands already with the same choices is answered as it is. */
export const writeView = (project_id: number, release_id: number, format: string, options: Choices) =>
  body(
    api.POST("/api/projects/{project}/releases/{id}/views/", {
      ...at(project_id, release_id),
      body: { format, options },
    }),
  );

export const tagsOptions = (project_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "release-tags"],
    queryFn: () =>
      body(api.GET("/api/projects/{project}/release-tags/", { params: { path: { project: project_id } } })),
  });

/** A tag names one release: putting it on another moves it. */
export const putTag = (project_id: number, tag: string, release: number) =>
  body(
    api.PUT("/api/projects/{project}/release-tags/{tag}/", {
      params: { path: { project: project_id, tag } },
      body: { release },
    }),
  );

export const takeTagAway = (project_id: number, tag: string) =>
  body(api.DELETE("/api/projects/{project}/release-tags/{tag}/", { params: { path: { project: project_id, tag } } }));

/** What the old release has become in the new one. */
export const differenceOptions = (project_id: number, old: number, young: number) =>
  queryOptions({
    queryKey: ["project", project_id, "release", old, "difference", young],
    queryFn: () =>
      body(
        api.GET("/api/projects/{project}/releases/{id}/difference/{other}/", {
          params: { path: { project: project_id, id: old, other: young } },
        }),
      ),
    staleTime: Infinity,
  });

/** The data card, without the block that only the hub's machines read. */
export const cardOptions = (project_id: number, release_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "release", release_id, "card"],
    queryFn: async () => {
      const reply = await fetch(`${releaseHome(project_id, release_id)}/files/README.md`);
      if (!reply.ok) throw new Error(reply.statusText);
      return (await reply.text()).replace(/^---\n.*?\n---\n/su, "");
    },
    staleTime: Infinity,
  });

/** Freeze the same answers again without those that were withdrawn since. */
export const correctRelease = (project_id: number, release_id: number) =>
  body(api.POST("/api/projects/{project}/releases/{id}/correct/", at(project_id, release_id)));

export const manifestOptions = (project_id: number, release_id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "release", release_id, "manifest"],
    queryFn: () => body(api.GET("/api/projects/{project}/releases/{id}/manifest/", at(project_id, release_id))),
    staleTime: Infinity,
  });

export const downloadsOptions = (project_id: number) =>
  pagedOptions(["project", project_id, "downloads"], (cursor) =>
    body(
      api.GET("/api/projects/{project}/downloads/", { params: { path: { project: project_id }, query: { cursor } } }),
    ),
  );

/** An address that whoever has it can read the file by, for a while. */
export const signedLink = (address: string) =>
  body(api.GET("/api/download-links/", { params: { query: { address } } }));

export const releaseHome = (project_id: number, release_id: number) =>
  `/api/projects/${project_id}/releases/${release_id}`;
