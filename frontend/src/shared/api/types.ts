import type { components } from "./schema";
import type { Whole } from "./whole";

type Schemas = components["schemas"];
export type Language = Schemas["LanguageEnum"];
type Body<Name extends keyof Schemas> = Whole<Schemas[Name]>;

export type AgreementFigure = Body<"Figure">;
export type AgreementLevel = "agrees" | "mixed" | "disagrees";
export type AgreementReport = Body<"Report">;
export type Answer = Body<"Answer">;
/** What is sent when a claim is handed in. */
export type AnswerBody = Schemas["SubmitInputRequest"];
export type AnswerDetail = Body<"AnswerDetail">;
export type AnswerState = Schemas["AnswerState"];
export type Board = Body<"Board">;
export type BoardClaim = Board["claims"][number];
export type BoardLine = Body<"Line">;
export type BoardRow = Board["protocols"][number];
export type Claim = Body<"Claim">;
export type CompletionBatch = Body<"Batch">;
export type Guideline = Body<"Guideline">;
/** A guideline that is new to the reader: its newest text, and the one they know. */
export type GuidelineDetail = Body<"GuidelineNews">;
export type GuidelineNews = Body<"News">;
export type Hours = Body<"Hours">;
/** Counts fill up as the job goes on. */
export type Import = Omit<Body<"Import">, "counts"> & { counts: Partial<Body<"Import">["counts"]> };
export type Invitation = Body<"Invitation">;
export type LogLine = Body<"LogLine">;
export type Me = Body<"Me"> & { email: string; language: Language };
export type Member = Body<"Member">;
export type Message = Body<"MessageShape">;
export type MetricPoint = Body<"MetricsPoint">;
export type ModelDetail = Body<"ModelDetail">;
export type MyAnswer = Body<"MyAnswer">;
export type NewToken = Body<"NewToken">;
export type Pace = Body<"Pace">;
export type Person = Body<"Person">;
export type Progress = Body<"Progress">;
export type Project = Body<"Project">;
export type Protocol = Body<"Protocol">;
export type ProtocolKind = Claim["kind"];
export type Queue = Body<"Queue">;
export type Release = Body<"Release">;
export type Role = Schemas["Role"];
export type Run = Body<"Run">;
export type RunOptions = Body<"Options">;
/** People who sign in have an address and one of the languages; imported judges, who cannot, have neither. */
export type Session = Body<"Session"> & { me: Me | null };
export type Review = Body<"Review">;
export type Share = AgreementFigure["agreement"];
export type SkipReason = Schemas["SkipReason"];
export type Submitted = Body<"Submitted">;
export type Split = Schemas["Split"];
export type Stage = Schemas["Stage"];
export type SystemJob = Body<"Job">;
export type Task = Body<"Task">;
export type Verdict = Schemas["Verdict"];

export const ROLES: readonly Role[] = ["manager", "researcher", "reviewer", "annotator", "chat_user"];
export const ANSWER_STATES: readonly AnswerState[] = ["submitted", "accepted", "returned", "struck"];
export const LEVELS: readonly AgreementLevel[] = ["disagrees", "mixed", "agrees"];
export const SPLITS: readonly Split[] = ["train", "validation", "test"];

/** What a role may do, by the names in a project's `permissions`. */
export type Verb =
  | "view_project"
  | "manage_project"
  | "manage_members"
  | "manage_protocols"
  | "do_work"
  | "view_prompts"
  | "add_prompts"
  | "manage_tasks"
  | "view_answers"
  | "view_quality"
  | "review_answers"
  | "view_board"
  | "view_hours"
  | "import_data"
  | "create_release"
  | "view_release"
  | "start_run"
  | "view_run"
  | "write_completions";

/** What a person decides: the text of a demonstration, or completions in tiers, best first. */
export interface DemonstrationPayload {
  completion: string;
}
export interface RankingPayload {
  tiers: string[][];
  all_bad: boolean;
  rationale: string;
}
export type AnswerPayload = DemonstrationPayload | RankingPayload;
