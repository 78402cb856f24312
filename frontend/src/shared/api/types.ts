import type { PromptStyle } from "./protocolConfig";
import type { components } from "./schema";
import type { Whole } from "./whole";

type Schemas = components["schemas"];
export type Language = Schemas["LanguageEnum"];
type Body<Name extends keyof Schemas> = Whole<Schemas[Name]>;

export type Advice = Body<"LintAdvice">;
export type AgreementFigure = Body<"Figure">;
export type AgreementLevel = "agrees" | "mixed" | "disagrees";
export type AgreementReport = Body<"Report">;
export type Answer = Body<"Answer">;
/** What is sent when a claim is handed in. */
export type AnswerBody = Schemas["SubmitInputRequest"];
export type AnswerDetail = Body<"AnswerDetail">;
export type AnswerState = Schemas["AnswerState"];
export type Appeal = Body<"Appeal">;
export type AppealState = Schemas["AppealState"];
export type Board = Body<"Board">;
export type BoardClaim = Board["claims"][number];
export type BoardLine = Body<"Line">;
export type BoardRow = Board["protocols"][number];
export type ChatChoice = NonNullable<ChatTurn["choice"]>;
export type ChatConversation = Body<"ConversationDetail">;
export type ChatRefusal = NonNullable<ChatTurn["refusal"]>;
/** What there is to talk to in a project, and what is missing. */
export type ChatSetup = Body<"ChatSetup">;
/** What one side said: a node of the conversation's tree. */
export type ChatTurn = ChatConversation["turns"][number];
export type Claim = Body<"Claim">;
export type CompletionBatch = Body<"Batch">;
/** What a person lets a project learn from their conversations. */
export type Consented = Body<"Consented">;
export type ConsentState = Schemas["ConsentState"];
export type Continuation = Body<"Continuation">;
/** Prompts that are nearly the same, the first few of them in full. */
export type DuplicateCluster = Body<"Cluster">;
/** What a person has given to one project. */
export type Given = Body<"Given">;
export type Guideline = Body<"Guideline">;
/** A guideline that is new to the reader: its newest text, and the one they know. */
export type GuidelineDetail = Body<"GuidelineNews">;
export type GuidelineNews = Body<"News">;
export type Hours = Body<"Hours">;
/** Counts fill up as the job goes on. */
export type Import = Omit<Body<"Import">, "counts"> & { counts: Partial<Body<"Import">["counts"]> };
export type ImportPreview = Body<"Preview">;
/** A row of a file as its annotator will see it. */
export type ImportRow = ImportPreview["rows"][number];
export type Invitation = Body<"Invitation">;
/** A kind of work, with what can be set on it. */
export type KindOfWork = Body<"KindOfWork">;
export type LineageGraph = Body<"LineageGraph">;
export type LineageNode = LineageGraph["nodes"][number];
export type LogLine = Body<"LogLine">;
export type Me = Body<"Me"> & { email: string; language: Language };
export type Member = Body<"Member">;
export type Message = Body<"MessageShape">;
export type MetricPoint = Body<"MetricsPoint">;
export type ModelComparison = Body<"Comparison">;
export type ModelDetail = Body<"ModelDetail">;
export type MyAnswer = Body<"MyAnswer">;
export type NewToken = Body<"NewToken">;
export type Pace = Body<"Pace">;
export type Person = Body<"Person">;
export type Preset = Body<"Preset">;
export type Progress = Body<"Progress">;
export type Project = Body<"Project">;
export type Protocol = Body<"Protocol">;
export type ProtocolState = Schemas["ProtocolState"];
export type ProtocolKind = Claim["kind"];
export type Queue = Body<"Queue">;
export type Release = Body<"Release">;
export type ReleasePlots = Body<"ReleasePlots">;
/** What a stage reaches on shares of a release, and what more judgements would buy. */
export type LearningCurve = Body<"Curve">;
export type LearningCurveFound = Body<"CurveFound">;
/** A release as one trainer reads it. */
export type ReleaseView = Body<"ReleaseView">;
export type Role = Schemas["Role"];
/** Whom new tasks are for: the first rule that fits a prompt holds. */
export type Rule = Schemas["RuleShape"];
export type Run = Body<"Run">;
/** What a run would learn, looked at before it is ordered. */
export type Road = Body<"Road">;
/** Where a project stands at one station of its road. */
export type RoadStand = Road["stands"][number];
export type RoadStep = RoadStand["step"];
export type RunPreview = Body<"RunPreview">;
export type RunPreviewFound = Body<"Found">;
/** What a model wrote on the way. */
export type RunSample = Body<"SamplesSample">;
export type RunOptions = Body<"Options">;
/** People who sign in have an address and one of the languages; imported judges, who cannot, have neither. */
export type Served = Body<"Served">;
export type Session = Body<"Session"> & { me: Me | null };
export type Review = Body<"Review">;
export type ViewFormat = Body<"ViewFormat">;
export type Share = AgreementFigure["agreement"];
/** Which bounds there are depends on the type. */
export type Setting = Schemas["Setting"];
export type NoWork = Schemas["NoWorkEnum"];
export type SkipReason = Schemas["SkipReason"];
export type Submitted = Body<"Submitted">;
export type Split = Schemas["Split"];
export type Stage = Schemas["Stage"];
/** All stations of the road, walked at once. */
export type Walk = Body<"Walk">;
/** What of a model's training is nearest to something that it said. */
export type Taught = Body<"Taught">;
export type StationName = Schemas["Station"];
export type SystemJob = Body<"Job">;
export type Task = Body<"Task">;
export type UpstreamKind = Schemas["UpstreamKind"];
/** What people, and the reward model, say of a model beside the one before it. */
export type WinRate = Body<"WinRate">;
export type Worklist = Body<"Worklist">;
export type Verdict = Schemas["Verdict"];

export const ROLES: readonly Role[] = ["manager", "researcher", "reviewer", "annotator", "chat_user"];
export const ANSWER_STATES: readonly AnswerState[] = ["submitted", "accepted", "returned", "struck"];
export const LEVELS: readonly AgreementLevel[] = ["disagrees", "mixed", "agrees"];
export const SPLITS: readonly Split[] = ["train", "validation", "test"];

/** What a role may do, by the names in a project's `permissions`. */
export type Verb =
  | "view_downloads"
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
  | "withdraw_data"
  | "import_data"
  | "create_release"
  | "view_release"
  | "start_run"
  | "view_run"
  | "write_completions"
  | "serve_models"
  | "chat"
  | "manage_chat"
  | "ask_for_two_answers"
  | "review_appeals";

/** What a person decides, by kind. Completions go by the labels under which the claim shows them. */
export interface DemonstrationPayload {
  completion: string;
  /** What was written between the prompt and the last answer, where the protocol asks for several turns. */
  turns?: Turn[];
}
export interface Turn {
  role: "assistant" | "user";
  content: string;
}
export interface PromptPayload {
  style: PromptStyle;
  text: string;
  shots: Shot[];
  use_case: string;
}
export interface Shot {
  query: string;
  completion: string;
}
export type Flags = Readonly<Record<string, boolean>>;
/** What is said of one completion by itself: `overall_quality` where there is a scale, and its flags. */
export type OutputFacts = Readonly<Record<string, number | boolean>>;
export type Outputs = Readonly<Record<string, OutputFacts>>;
export interface RankingPayload {
  tiers: string[][];
  all_bad: boolean;
  rationale: string;
  prompt_flags?: Flags;
  use_case?: string;
  outputs?: Outputs;
}
/** Until one has decided, neither `preferred` nor `strength` is there. */
export interface ComparisonPayload {
  preferred?: string | null;
  strength?: number;
  both_bad: boolean;
  rationale: string;
  edit: Edit | null;
  outputs?: Outputs;
}
export interface Edit {
  of: string;
  text: string;
}
export interface ScorePayload {
  score?: number;
  flags: Flags;
  rationale: string;
}
export interface LabelsPayload {
  labels: string[];
  rationale: string;
}
/** What is in neither `verdicts` nor `unknown` has not been answered yet. */
export interface ModerationPayload {
  verdicts: Readonly<Record<string, boolean>>;
  unknown: readonly string[];
  severity: Readonly<Record<string, number>>;
  spans: readonly Span[];
  rationale: string;
}
/** Characters of the judged text, from `start` up to `end`. */
export interface Span {
  category: string;
  start: number;
  end: number;
}
export type AnswerPayload =
  | DemonstrationPayload
  | PromptPayload
  | RankingPayload
  | ComparisonPayload
  | ScorePayload
  | LabelsPayload
  | ModerationPayload;
