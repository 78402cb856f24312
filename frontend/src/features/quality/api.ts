import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { pagedOptions } from "@/shared/api/paging";
import type { Verdict } from "@/shared/api/types";
import type { AnswerFilter } from "./answerFilter";

const at = (project: number) => ({ project });

export const agreementOptions = (id: number) =>
  queryOptions({
    queryKey: ["project", id, "agreement"],
    queryFn: async () =>
      (await body(api.GET("/api/projects/{project}/agreement/", { params: { path: at(id) } }))).results,
    refetchInterval: 30_000,
  });

export const answersOptions = (id: number, filter: AnswerFilter) =>
  pagedOptions(["project", id, "answers", filter], (cursor) =>
    body(api.GET("/api/projects/{project}/answers/", { params: { path: at(id), query: { ...filter, cursor } } })),
  );

export const answerOptions = (project: number, id: number) =>
  queryOptions({
    queryKey: ["project", project, "answer", id],
    queryFn: () => body(api.GET("/api/projects/{project}/answers/{id}/", { params: { path: { project, id } } })),
  });

/** The answers before and after this one in the list from which it was opened. */
export const neighboursOptions = (project: number, id: number, filter: AnswerFilter) =>
  queryOptions({
    queryKey: ["project", project, "answer", id, "neighbours", filter],
    queryFn: () =>
      body(
        api.GET("/api/projects/{project}/answers/{id}/neighbours/", {
          params: { path: { project, id }, query: filter },
        }),
      ),
  });

export const answerPeopleOptions = (id: number) =>
  queryOptions({
    queryKey: ["project", id, "answer-people"],
    queryFn: async () =>
      (await body(api.GET("/api/projects/{project}/answers/people/", { params: { path: at(id) } }))).results,
  });

export interface Decision {
  verdict: Verdict;
  /** The form of the answer that was read. */
  revision: number;
  reason?: string;
}

export const reviewAnswer = (project: number, id: number, decision: Decision) =>
  body(api.POST("/api/projects/{project}/answers/{id}/review/", { params: { path: { project, id } }, body: decision }));

export interface Work {
  annotator: number;
  protocol?: number;
  since?: string;
}

export const workCountOptions = (id: number, work: Work) =>
  queryOptions({
    queryKey: ["project", id, "work-count", work],
    queryFn: () => body(api.GET("/api/projects/{project}/answers/strikes/", { params: { path: at(id), query: work } })),
    placeholderData: keepPreviousData,
  });

export const strikeWork = (id: number, work: Work & { reason: string }) =>
  body(api.POST("/api/projects/{project}/answers/strikes/", { params: { path: at(id) }, body: work }));

/** Strikes of whole work of which something is struck still: of one person, or of anybody. */
export const strikesMadeOptions = (project: number, annotator?: number) =>
  queryOptions({
    queryKey: ["project", project, "strikes", annotator],
    queryFn: async () =>
      (await body(api.GET("/api/projects/{project}/strikes/", { params: { path: at(project), query: { annotator } } })))
        .results,
  });

export const undoStrike = (project: number, id: number) =>
  body(api.POST("/api/projects/{project}/strikes/{id}/undo/", { params: { path: { project, id } } }));

/** Take back one answer on its author's behalf. */
export const withdrawAnswer = (project: number, answer: number) =>
  body(
    api.POST("/api/projects/{project}/withdrawals/", {
      params: { path: { project } },
      body: { answer, reason: "" },
    }),
  );
