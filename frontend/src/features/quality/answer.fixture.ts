import type { AnswerDetail } from "@/shared/api/types";

/** A ranking of three completions by Ada, which another disagrees with. */
export const answer = {
  id: 7,
  task_id: 3,
  prompt_id: 4,
  protocol: { id: 2, name: "Which is best?", kind: "ranking" },
  messages: [{ role: "user", content: "What is a lease?" }],
  annotator: { id: 5, name: "Ada" },
  payload: { tiers: [[12], [11, 13]], all_bad: false, rationale: "Clear." },
  shown_order: [11, 12, 13],
  completions: [
    { id: 11, text: "A dog.", source_kind: "model", source_label: "small", created_at: "2030-01-01T00:00:00Z" },
    { id: 12, text: "A contract.", source_kind: "model", source_label: "large", created_at: "2030-01-01T00:00:00Z" },
    { id: 13, text: "Ask a lawyer.", source_kind: "model", source_label: "small", created_at: "2030-01-01T00:00:00Z" },
  ],
  brief: {},
  config: {},
  step_seconds: {},
  evidence: {},
  review_note: "",
  revision: 1,
  is_spare: false,
  state: "submitted",
  agreement: 0.25,
  protocol_version: 1,
  guideline_version: 2,
  seconds: 30,
  source_kind: "person",
  submitted_at: "2030-01-01T00:00:00Z",
  withdrawn: null,
  reviews: [],
  others: [
    { id: 8, annotator: { id: 6, name: "Bo" }, payload: {}, is_spare: false, state: "submitted", agreement: 0.25 },
  ],
} as unknown as AnswerDetail;
