"""Second pass of an import: one transaction in which all its rows become prompts, tasks and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Any, NamedTuple

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from annotation import durable
from annotation.intake.duplicates import queue_search
from annotation.intake.first_pass import Tally, record_left_out
from annotation.intake.lines import Meter
from annotation.intake.models import ImportFile, Phase
from annotation.intake.options import read_options
from annotation.intake.protocols import Target, Targets
from annotation.intake.reading import batches, read_file
from annotation.intake.rows import DOCUMENT, BadFile, BadRow, Row, rejected
from annotation.people.judges import ensure_judges
from annotation.projects.kinds.shape import InvalidAnswer
from annotation.tasks import answers, bulk
from annotation.tasks.bulk import AnswerOutcome, NewAnswer, NewCompletion, NewPrompt, NewTask, Written
from annotation.tasks.copying import Copier, copying_behind
from annotation.tasks.documents import NewDocument, add_documents
from annotation.tasks.splits import group_key_of, messages_sha256, text_sha256

JUDGED = {
    "demonstration": "demonstrations",
    "ranking": "rankings",
    "comparison": "comparisons",
    "labels": "labels",
    "moderation_label": "labels",
}
PROTOCOL_KIND = {
    "prompt": "demonstration",
    "demonstration": "demonstration",
    "completions": "ranking",
    "ranking": "ranking",
    "pair": "comparison",
    "comparison": "comparison",
    "labels": "labels",
    "moderation_label": "moderation_label",
}
# The kinds whose judgements say what only their protocol can tell right from wrong.
CHECKED = ("comparison", "labels", "moderation_label")
# Differing judgements of the same work without a judge's name are taken to come from so many people at most.
UNNAMED_JUDGES = 50
# How many judges' ids are remembered, so that a file with a million of them fits into memory.
JUDGES_KEPT = 20_000
# How often the writing is begun when others write the same rows at the same time.
TRIES = 3


class Ready(NamedTuple):
    """A row with all that can be worked out without the database."""

    row: Row
    group_key: str
    prompt_sha256: str
    text_sha256s: list[str]


@dataclass
class Judgement:
    """A row's answer to a task. `completion_ids` stand in the row's order."""

    row: Row
    task_id: int
    payload: dict[str, Any]
    completion_ids: list[int]


def bring_in(
    job: ImportFile, tally: Tally, *, lost: Event, progress: dict[str, int], clock: Callable[[], datetime]
) -> None:
    """Write all that the first pass found good and end the job, or write nothing. Raise BadFile, or JobLost.

    How far it has come is left in `progress`, for whoever beats: nobody sees what this transaction writes.
    Somebody who writes the same prompt while it comes in is met at the next try.
    """
    durable.beat(job, now=clock(), phase=Phase.WRITING, phase_started_at=clock(), progress_done=0)
    for tries_left in reversed(range(TRIES)):
        try:
            _bring_in(job, deepcopy(tally), lost, progress, clock)
        except IntegrityError:
            if not tries_left:
                raise
        else:
            return


def _bring_in(
    job: ImportFile, tally: Tally, lost: Event, progress: dict[str, int], clock: Callable[[], datetime]
) -> None:
    with transaction.atomic(), default_storage.open(job.stored_name, "rb") as stored:
        bulk.take_turn(job.project)
        meter = Meter(stored)
        reading = read_file(meter, format=tally.format, options=read_options(job.options))
        with copying_behind() as copier:
            merge = Merge(job, tally, clock(), copier)
            for batch in batches(reading.outcomes):
                if lost.is_set():
                    raise durable.JobLost(f"ImportFile {job.pk}, attempt {job.attempt}")
                merge.add([made_ready(outcome) for outcome in batch if isinstance(outcome, Row)])
                progress["progress_done"] = min(meter.done_bytes, job.size_bytes)
            merge.end()
        reasons = {"rejected_by_reason": tally.reasons, "skipped_by_reason": tally.skipped}
        durable.finish(job, now=clock(), counts=tally.counts, progress_done=job.size_bytes, **reasons)
        if tally.counts["prompts"]:
            queue_search(project=job.project, now=clock())


def made_ready(row: Row) -> Ready:
    return Ready(
        row,
        row.group or group_key_of(row.messages),
        messages_sha256(row.messages),
        [text_sha256(text) for text, _ in row.completions],
    )


class Merge:
    """Brings batches of rows into one project and keeps the tally."""

    def __init__(self, job: ImportFile, tally: Tally, now: datetime, copier: Copier) -> None:
        self.job, self.counts, self.reasons, self.now = job, tally.counts, tally.reasons, now
        self.opens_tasks = read_options(job.options).open_tasks
        self.targets = Targets(job, tally.format, now)
        self.judge_ids: dict[tuple[str, str], int] = {}
        self.writer = bulk.Writer(now, copier)
        self.rows_left = tally.rows

    def add(self, batch: list[Ready]) -> None:
        self.rows_left -= len(batch)
        self._add_documents([ready.row for ready in batch if ready.row.kind == DOCUMENT])
        batch = [ready for ready in batch if ready.row.kind != DOCUMENT and self._is_right(ready.row)]
        rows = [ready.row for ready in batch]
        keys, digests = [ready.group_key for ready in batch], [ready.prompt_sha256 for ready in batch]
        self.writer.look_ahead(self.job.project, keys, digests)
        prompts = self._add_prompts(batch)
        completions = self._add_completions(batch, prompts)
        tasks = self._open_tasks(rows, prompts, completions)
        judgements = []
        for row, prompt, shown, task in zip(rows, prompts, completions, tasks, strict=True):
            if row.kind in JUDGED and task:
                ids = [completion.id for completion in shown]
                judgements.append(Judgement(row, task.id, payload_of(row, self._target(row).config, ids), ids))
            elif not (prompt.is_new or any(c.is_new for c in shown) or (task and task.is_new)):
                self.counts["duplicates"] += 1
        self._add_judgements(judgements)
        self.writer.flush()

    def end(self) -> None:
        """Raise BadFile where these were not the rows of the first pass."""
        if self.rows_left:
            raise BadFile("The stored file was not the same when it was read again. Upload it anew.")
        self.writer.finish()

    def _add_documents(self, rows: list[Row]) -> None:
        label = self.job.file_name[:200]
        documents = [NewDocument(row.text, row.language, row.source or label) for row in rows]
        added = add_documents(self.job.project, documents, now=self.now)
        self.counts["documents"] += added
        self.counts["duplicates"] += len(rows) - added

    def _add_prompts(self, batch: list[Ready]) -> list[Written]:
        label = self.job.file_name[:200]
        prompts = [
            NewPrompt(row.messages, key, row.language, row.tags, source_label=row.source or label, sha256=digest)
            for row, key, digest, _ in batch
        ]
        written = self.writer.add_prompts(self.job.project, prompts)
        self.counts["prompts"] += sum(prompt.is_new for prompt in written)
        return written

    def _add_completions(self, batch: list[Ready], prompts: list[Written]) -> list[list[Written]]:
        given = [
            NewCompletion(prompt.id, text, "import", source or row.source, sha256=digest)
            for (row, _, _, digests), prompt in zip(batch, prompts, strict=True)
            for (text, source), digest in zip(row.completions, digests, strict=True)
        ]
        written = self.writer.add_completions(given)
        self.counts["completions"] += sum(completion.is_new for completion in written)
        rest = iter(written)
        return [[next(rest) for _ in row.completions] for row, *_ in batch]

    def _open_tasks(
        self, rows: list[Row], prompts: list[Written], completions: list[list[Written]]
    ) -> list[Written | None]:
        """Open a task for each row; None where options want none for what nobody has answered yet."""
        tasks = []
        for row, prompt, shown in zip(rows, prompts, completions, strict=True):
            if row.kind in JUDGED or self.opens_tasks:
                protocol = self._target(row).protocol
                required = 1 if row.kind in JUDGED else protocol.required_answers
                tasks.append(NewTask(protocol.pk, prompt.id, required, [completion.id for completion in shown]))
        written = self.writer.open_tasks(tasks)
        self.counts["tasks"] += sum(task.is_new for task in written)
        rest = iter(written)
        return [next(rest) if row.kind in JUDGED or self.opens_tasks else None for row in rows]

    def _add_judgements(self, judgements: list[Judgement]) -> None:
        """Write the answers. Where an unnamed judge contradicts another, take them for two people and try again."""
        for number in range(1, UNNAMED_JUDGES + 1):
            outcomes = self._add_answers(judgements, number)
            again = []
            for judgement, outcome in zip(judgements, outcomes, strict=True):
                if outcome == AnswerOutcome.NEW:
                    self.counts[JUDGED[judgement.row.kind]] += 1
                elif outcome == AnswerOutcome.DUPLICATE:
                    self.counts["duplicates"] += 1
                elif judgement.row.annotator or number == UNNAMED_JUDGES:
                    self._reject(judgement.row, _contradiction(judgement.row))
                else:
                    again.append(judgement)
            judgements = again
            if not judgements:
                return

    def _add_answers(self, judgements: list[Judgement], number: int) -> list[AnswerOutcome]:
        keys = [self._judge_key(judgement.row, number) for judgement in judgements]
        names = {key: self._judge_name(key) for key in keys if key not in self.judge_ids}
        if len(self.judge_ids) > JUDGES_KEPT:
            self.judge_ids = {}
            names = {key: self._judge_name(key) for key in keys}
        self.judge_ids |= ensure_judges(names) if names else {}
        given = []
        for judgement, key in zip(judgements, keys, strict=True):
            row = judgement.row
            answer = NewAnswer(
                judgement.task_id,
                self.judge_ids[key],
                judgement.payload,
                self._target(row).version_id,
                datetime.fromisoformat(row.created_at) if row.created_at else self.now,
                shown_order=judgement.completion_ids if row.order_is_known else (),
                seconds=row.seconds,
            )
            given.append(answer)
        return self.writer.add_answers(given)

    def _judge_key(self, row: Row, number: int) -> tuple[str, str]:
        """A judge without a source is known in this project only; one with a source is the same everywhere."""
        return row.source or f"project-{self.job.project_id}", row.annotator or f"unnamed-{number}"

    def _judge_name(self, key: tuple[str, str]) -> str:
        source, name = key
        return f"{name} ({source})" if source != f"project-{self.job.project_id}" else name

    def _is_right(self, row: Row) -> bool:
        """Turn away a judgement that its protocol would not take from anybody, before anything of it is written."""
        if row.kind not in CHECKED:
            return True
        try:
            payload_of(row, self._target(row).config, range(1, len(row.completions) + 1))
        except InvalidAnswer as error:
            field, message = error.errors[0]
            protocol = self._target(row).protocol.name
            refusal = BadRow(field, "unlike_protocol", f"{field} {message}. The protocol is “{protocol}”.")
            self._reject(row, refusal)
            return False
        return True

    def _reject(self, row: Row, error: BadRow) -> None:
        refused = rejected(row.line, error, row.messages[-1]["content"])
        record_left_out(self.job, [refused])
        self.counts["rejected"] += 1
        self.reasons[refused.reason] += 1

    def _target(self, row: Row) -> Target:
        return self.targets.of(PROTOCOL_KIND[row.kind])


def payload_of(row: Row, config: Mapping[str, Any], completion_ids: Sequence[int]) -> dict[str, Any]:
    """Return the answer as it is stored. Raise InvalidAnswer where the kind is one whose rows are checked."""
    if row.kind == "demonstration":
        return {"completion": row.completion}
    tiers = [sorted(completion_ids[place] for place in tier) for tier in row.tiers]
    if row.kind == "ranking":
        return {"tiers": tiers, "all_bad": row.all_bad, "rationale": row.rationale}
    if row.kind == "labels":
        return answers.check("labels", config, {"labels": list(row.labels), "rationale": row.rationale}, [])
    if row.kind == "moderation_label":
        verdicts = {"verdicts": dict(row.verdicts), "rationale": row.rationale}
        return answers.check("moderation_label", config, verdicts, [])
    outputs = dict(zip(map(str, completion_ids), row.outputs, strict=False))
    comparison = {
        "preferred": tiers[0][0] if len(tiers) > 1 else None,
        "strength": row.strength,
        "both_bad": row.all_bad,
        "rationale": row.rationale,
        "outputs": outputs,
    }
    # In an order of their own, whichever side each stood on: equal judgements are then equal payloads.
    return answers.check("comparison", config, comparison, sorted(completion_ids))


def _contradiction(row: Row) -> BadRow:
    judge = f"The judge {row.annotator!r}" if row.annotator else f"{UNNAMED_JUDGES} unnamed judges"
    message = f"{judge} answered this before, and otherwise. What was there stays; remove one of the two rows."
    return BadRow("annotator", "contradiction", message)
