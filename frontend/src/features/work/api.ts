import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { pagedOptions } from "@/shared/api/paging";
import type { AnswerBody, AnswerPayload, Claim, SkipReason } from "@/shared/api/types";

/** Browsers refuse longer bodies on requests that outlive their page. */
const KEEPALIVE_BYTES = 60_000;
/** A line that says nothing for so long is taken for dead, and the answer sent anew under the same key. */
const SUBMIT_MILLISECONDS = 30_000;

const at = (claim_id: string) => ({ path: { id: claim_id } });
const stored = (payload: AnswerPayload) => ({ ...payload }) as Record<string, unknown>;

export const workOptions = queryOptions({ queryKey: ["work"], queryFn: () => body(api.GET("/api/work/")) });

export const readClaim = (id: string) => body(api.GET("/api/work/claims/{id}/", { params: at(id) }));

export const claimOptions = (id: string) =>
  queryOptions({
    queryKey: ["claim", id],
    queryFn: () => readClaim(id),
    // The page owns what is being written: a refetch must not pull the floor away.
    staleTime: Infinity,
    gcTime: 60_000,
    refetchOnWindowFocus: false,
  });

export const myAnswersOptions = pagedOptions(["work", "answers"], (cursor) =>
  body(api.GET("/api/work/answers/", { params: { query: { cursor } } })),
);

/** Those that a reviewer has sent back to me. */
export const returnedOptions = pagedOptions(["work", "answers", "returned"], (cursor) =>
  body(api.GET("/api/work/answers/", { params: { query: { cursor, state: "returned" } } })),
);

export const reopen = (answer: number) =>
  body(api.POST("/api/work/answers/{id}/reopen/", { params: { path: { id: answer } } }));

/** My pace in one protocol, or in all where its id is 0. */
export const paceOptions = (protocol: number) =>
  queryOptions({
    queryKey: ["work", "pace", protocol],
    queryFn: () => body(api.GET("/api/work/pace/", { params: { query: { protocol: protocol || undefined } } })),
  });

/** A new claim, or null when nothing waits. */
export async function claimNext(protocol: number): Promise<Claim | null> {
  const claim = (await body(api.POST("/api/work/claims/", { body: { protocol } }))) as Claim | undefined;
  return claim ?? null;
}

export const markShown = (id: string) => body(api.POST("/api/work/claims/{id}/shown/", { params: at(id) }));

export const beat = (id: string) => body(api.POST("/api/work/claims/{id}/heartbeat/", { params: at(id) }));

/** Active seconds, in all and by step. */
type Time = Required<Pick<AnswerBody, "seconds" | "step_seconds">>;

export function saveDraft(id: string, payload: AnswerPayload, time: Time, leaving: boolean) {
  const draft = { payload: stored(payload), ...time };
  const keepalive = leaving && JSON.stringify(draft).length < KEEPALIVE_BYTES;
  return body(api.PUT("/api/work/claims/{id}/draft/", { params: at(id), body: draft, keepalive }));
}

/** Small answers outlive their page: who closes the tab on the last key has handed in all the same. */
export function submit(id: string, answer: AnswerBody) {
  const keepalive = JSON.stringify(answer).length < KEEPALIVE_BYTES;
  const signal = AbortSignal.timeout(SUBMIT_MILLISECONDS);
  return body(api.POST("/api/work/claims/{id}/submit/", { params: at(id), body: answer, keepalive, signal }));
}

/** As much of a text as is looked at. */
const ADVISED_CHARACTERS = 20_000;

export const askAdvice = (claim: string, text: string, edit_of: string, signal: AbortSignal) =>
  body(
    api.POST("/api/work/lint/", {
      body: { claim, text: text.slice(0, ADVISED_CHARACTERS), edit_of, language: "" },
      signal,
    }),
  );

export const skip = (id: string, reason: SkipReason, note: string) =>
  body(api.POST("/api/work/claims/{id}/skip/", { params: at(id), body: { reason, note } }));

export const giveBack = (id: string) => body(api.POST("/api/work/claims/{id}/release/", { params: at(id) }));

/** Take back one answer of one's own, with what was made of it. */
export const takeBack = (project: number, answer: number) =>
  body(api.POST("/api/me/withdrawals/", { body: { project, answer, reason: "" } }));
