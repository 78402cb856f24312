"""Made by generate.py from the API's OpenAPI document: do not edit."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class AnnotatorBar(TypedDict):
    annotator: str
    count: int


Bar = TypedDict(
    "Bar",
    {
        "count": int,
        "from": float,
    },
)


class BatchBatchCounts(TypedDict):
    completions: NotRequired[int]
    duplicates: NotRequired[int]
    empty: NotRequired[int]
    tasks: NotRequired[int]
    too_few: NotRequired[int]


class Counts(TypedDict):
    comparisons: NotRequired[int]
    completions: NotRequired[int]
    demonstrations: NotRequired[int]
    documents: NotRequired[int]
    duplicates: NotRequired[int]
    known_prompts: NotRequired[int]
    labels: NotRequired[int]
    prompts: NotRequired[int]
    rankings: NotRequired[int]
    read: NotRequired[int]
    rejected: NotRequired[int]
    skipped: NotRequired[int]
    tasks: NotRequired[int]
    waiting: NotRequired[int]


class Guideline(TypedDict):
    change_note: NotRequired[str]
    created_at: str
    id: int
    markdown: str
    number: int


class ImportMaker(TypedDict):
    id: int
    name: str


JobState: TypeAlias = Literal["queued", "running", "done", "failed", "cancelled"]


Kind: TypeAlias = Literal["demonstration", "prompt", "ranking", "comparison", "score", "labels", "moderation_label"]


class Lineage(TypedDict):
    people: int
    revisions: int


class LogLine(TypedDict):
    at: str
    id: int
    level: str
    message: str


class MetricsPoint(TypedDict):
    id: int
    split: str
    step: int
    values: dict[str, float | None]


class ModelReleaseRef(TypedDict):
    digest_sha256: str
    id: int
    name: str


class ModelRunRef(TypedDict):
    id: int


class Named(TypedDict):
    id: int
    name: str


NullEnum: TypeAlias = None


PhaseEnum: TypeAlias = Literal["reading", "writing"]


ProtocolState: TypeAlias = Literal["active", "paused", "archived"]


class Rejection(TypedDict):
    excerpt: NotRequired[str]
    field: NotRequired[str]
    id: int
    is_skipped: NotRequired[bool]
    line: int
    message: str
    reason: str


class ReleaseFile(TypedDict):
    bytes: int
    path: str
    rows: int
    sha256: str


class ReleasePlots(TypedDict):
    agreement: list[Bar]
    annotators: list[AnnotatorBar]
    annotators_in_all: int
    k: dict[str, int]
    languages: dict[str, int]
    lengths: list[Bar]
    of: int
    ties: dict[str, int]


ReviewStatesEnum: TypeAlias = Literal["accepted", "returned", "submitted"]


Role: TypeAlias = Literal["manager", "researcher", "reviewer", "annotator", "chat_user"]


class RuleShape(TypedDict):
    languages: NotRequired[list[str]]
    people: NotRequired[list[int]]
    tags: NotRequired[list[str]]
    team: NotRequired[str]


SplitByEnum: TypeAlias = Literal["prompt", "annotator"]


class SplitCounts(TypedDict):
    test: int
    train: int
    validation: int


Stage: TypeAlias = Literal["pretrain", "sft", "reward", "rl", "dpo", "moderation"]


class StartShape(TypedDict):
    base: NotRequired[str]
    model: NotRequired[int]
    name: str
    preset: NotRequired[str]


class ViewCounts(TypedDict):
    records: dict[str, int]
    rows: dict[str, int]


class ViewFile(TypedDict):
    bytes: int
    path: str
    rows: int
    sha256: str


WithdrawalKind: TypeAlias = Literal["work", "prompt", "answer", "strike"]


class Withdrawn(TypedDict):
    at: str
    kind: WithdrawalKind


class Batch(TypedDict):
    attempt: NotRequired[int]
    counts: BatchBatchCounts
    created_at: str
    created_by: Named
    error: NotRequired[str]
    finished_at: NotRequired[str | None]
    id: int
    model: Named
    n: int
    progress_done: NotRequired[int]
    progress_total: NotRequired[int]
    prompts: int
    protocol: Named
    sampling: dict[str, Any]
    state: NotRequired[JobState]


class Import(TypedDict):
    attempt: NotRequired[int]
    counts: Counts
    created_at: str
    created_by: ImportMaker
    error: NotRequired[str]
    file_name: str
    finished_at: NotRequired[str | None]
    format: NotRequired[str]
    found_format: NotRequired[str]
    id: int
    is_dry_run: bool
    options: NotRequired[Any]
    phase: NotRequired[PhaseEnum]
    phase_started_at: NotRequired[str | None]
    progress_done: NotRequired[int]
    progress_total: NotRequired[int]
    rejected_by_reason: dict[str, int]
    sha256: str
    size_bytes: int
    skipped_by_reason: dict[str, int]
    started_at: NotRequired[str | None]
    state: NotRequired[JobState]


class Log(TypedDict):
    lines: list[LogLine]


class Metrics(TypedDict):
    points: list[MetricsPoint]


class ModelDetail(TypedDict):
    bytes: int
    card: dict[str, Any]
    created_at: str
    deployable: bool
    id: int
    is_filter: bool
    lineage: Lineage
    metrics: dict[str, Any]
    name: str
    release: ModelReleaseRef
    run: ModelRunRef
    sha256: str
    stage: Stage
    stale_at: NotRequired[str | None]
    waits_for_people: bool
    withdrawn: list[Withdrawn]


class Project(TypedDict):
    archived_at: NotRequired[str | None]
    created_at: str
    description: NotRequired[str]
    id: int
    my_role: Role | NullEnum
    name: str
    permissions: list[str]


class Protocol(TypedDict):
    agreement_floor: NotRequired[float | None]
    answers_per_day: NotRequired[int | None]
    answers_per_person: NotRequired[int | None]
    assignment_rules: list[RuleShape]
    calibration_share: NotRequired[float]
    config: dict[str, Any]
    eligible_roles: list[str]
    eligible_teams: NotRequired[list[str]]
    follow_up: NotRequired[int | None]
    guideline: Guideline | None
    id: int
    kind: Kind
    lease_seconds: NotRequired[int]
    maximum_answers: NotRequired[int | None]
    name: str
    preset: NotRequired[str]
    required_answers: NotRequired[int]
    required_qualifications: NotRequired[list[str]]
    state: NotRequired[ProtocolState]
    version: int


class ReleaseCounts(TypedDict):
    demonstrations: SplitCounts
    documents: NotRequired[SplitCounts]
    judgements: NotRequired[SplitCounts]
    rankings: SplitCounts


class ReleasePreview(TypedDict):
    counts: ReleaseCounts
    left_out: dict[str, int]
    plots: ReleasePlots
    share: float


class ReleaseView(TypedDict):
    attempt: NotRequired[int]
    counts: ViewCounts | None
    created_at: str
    created_by: Named
    error: NotRequired[str]
    files: list[ViewFile]
    finished_at: NotRequired[str | None]
    format: str
    id: int
    left_out: dict[str, int]
    loses: list[str]
    options: dict[str, Any]
    options_sha256: str
    progress_done: NotRequired[int]
    progress_total: NotRequired[int]
    started_at: NotRequired[str | None]
    state: NotRequired[JobState]


class ReleaseWithdrawn(TypedDict):
    answers: int
    at: str
    kind: WithdrawalKind


class Run(TypedDict):
    attempt: NotRequired[int]
    config: dict[str, Any]
    counts: dict[str, Any]
    created_at: str
    created_by: Named
    error: NotRequired[str]
    eta_seconds: NotRequired[float | None]
    finished_at: NotRequired[str | None]
    gold: Named | None
    id: int
    judge: Named | None
    model: Named | None
    progress_done: NotRequired[int]
    progress_total: NotRequired[int]
    release: Named
    stage: Stage
    start: StartShape
    started_at: NotRequired[str | None]
    state: NotRequired[JobState]
    tokens_per_second: NotRequired[float | None]


class SelectionShape(TypedDict):
    agreement_from: NotRequired[float | None]
    annotators: NotRequired[list[int]]
    corrects: NotRequired[int | None]
    date_from: NotRequired[str | None]
    date_to: NotRequired[str | None]
    documents: NotRequired[bool]
    guideline_versions: NotRequired[list[int]]
    include_spares: NotRequired[bool]
    languages: NotRequired[list[str]]
    protocols: NotRequired[list[int]]
    review_states: NotRequired[list[ReviewStatesEnum]]
    split_by: NotRequired[SplitByEnum]
    tags: NotRequired[list[str]]


class Release(TypedDict):
    attempt: NotRequired[int]
    corrects: NotRequired[int | None]
    counts: ReleaseCounts | None
    created_at: str
    created_by: Named
    digest_sha256: NotRequired[str]
    error: NotRequired[str]
    files: list[ReleaseFile]
    finished_at: NotRequired[str | None]
    frozen_at: str | None
    id: int
    left_out: dict[str, int]
    name: str
    progress_done: NotRequired[int]
    progress_total: NotRequired[int]
    purged_at: NotRequired[str | None]
    selection: SelectionShape
    stale_at: NotRequired[str | None]
    state: NotRequired[JobState]
    tags: list[str]
    withdrawn: list[ReleaseWithdrawn]
