"""Second half of an import: one transaction in which all staged rows become prompts, tasks and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Any

from django.db import transaction

from annotation import durable
from annotation.intake.models import ImportFile, StagedRow
from annotation.intake.options import read_options
from annotation.intake.rows import BadFile, BadRow, Row, rejected
from annotation.intake.staging import BATCH_CHARACTERS, BATCH_ROWS, Tally, record_rejected
from annotation.people.judges import ensure_judges
from annotation.projects.models import Protocol
from annotation.tasks import bulk
from annotation.tasks.bulk import AnswerOutcome, NewAnswer, NewCompletion, NewPrompt, NewTask, Written

JUDGED = {"demonstration": "demonstrations", "ranking": "rankings"}
PROTOCOL_KIND = {
    "prompt": "demonstration",
    "demonstration": "demonstration",
    "completions": "ranking",
    "ranking": "ranking",
}
# Differing judgements of the same work without a judge's name are taken to come from so many people at most.
UNNAMED_JUDGES = 50


@dataclass
class Judgement:
    row: Row
    task_id: int
    payload: dict[str, Any]


def bring_in(job: ImportFile, tally: Tally, *, lost: Event, clock: Callable[[], datetime]) -> None:
    """Write all staged rows and end the job, or write nothing. Raise BadFile, or JobLost."""
    with transaction.atomic():
        bulk.take_turn(job.project)
        merge = Merge(job, tally, clock())
        for batch in _batches(job):
            if lost.is_set():
                raise durable.JobLost(f"ImportFile {job.pk}, attempt {job.attempt}")
            merge.add(batch)
        StagedRow.objects.filter(import_file=job).delete()
        ended = {"counts": tally.counts, "rejected_by_reason": tally.reasons, "progress_done": job.size_bytes}
        durable.finish(job, now=clock(), **ended)


def _batches(job: ImportFile) -> Iterator[list[Row]]:
    staged = StagedRow.objects.filter(import_file=job, attempt=job.attempt).order_by("pk")
    batch: list[Row] = []
    characters = 0
    for line, row in staged.values_list("line", "row").iterator(chunk_size=100):
        batch.append(Row.from_json(line, row))
        characters += batch[-1].characters
        if len(batch) >= BATCH_ROWS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


class Merge:
    """Brings batches of rows into one project and keeps the tally."""

    def __init__(self, job: ImportFile, tally: Tally, now: datetime) -> None:
        self.job, self.counts, self.reasons, self.now = job, tally.counts, tally.reasons, now
        self.opens_tasks = read_options(job.options).open_tasks
        self.protocols = _protocols_of(job)
        self.version_ids = bulk.latest_version_ids(list(self.protocols.values()))
        self.judge_ids: dict[tuple[str, str], int] = {}

    def add(self, rows: list[Row]) -> None:
        prompts = self._add_prompts(rows)
        completions = self._add_completions(rows, prompts)
        tasks = self._open_tasks(rows, prompts, completions)
        judgements = []
        for row, prompt, shown, task in zip(rows, prompts, completions, tasks, strict=True):
            if row.kind in JUDGED and task:
                judgements.append(Judgement(row, task.id, _payload(row, [completion.id for completion in shown])))
            elif not (prompt.is_new or any(c.is_new for c in shown) or (task and task.is_new)):
                self.counts["duplicates"] += 1
        self._add_judgements(judgements)

    def _add_prompts(self, rows: list[Row]) -> list[Written]:
        label = self.job.file_name[:200]
        prompts = [NewPrompt(r.messages, r.group, r.language, r.tags, source_label=r.source or label) for r in rows]
        written = bulk.add_prompts(self.job.project, prompts, now=self.now)
        self.counts["prompts"] += sum(prompt.is_new for prompt in written)
        return written

    def _add_completions(self, rows: list[Row], prompts: list[Written]) -> list[list[Written]]:
        given = [
            NewCompletion(prompt.id, text, "import", source or row.source)
            for row, prompt in zip(rows, prompts, strict=True)
            for text, source in row.completions
        ]
        written = bulk.add_completions(given, now=self.now)
        self.counts["completions"] += sum(completion.is_new for completion in written)
        rest = iter(written)
        return [[next(rest) for _ in row.completions] for row in rows]

    def _open_tasks(
        self, rows: list[Row], prompts: list[Written], completions: list[list[Written]]
    ) -> list[Written | None]:
        """Open a task for each row; None where options want none for what nobody has answered yet."""
        tasks = []
        for row, prompt, shown in zip(rows, prompts, completions, strict=True):
            if row.kind in JUDGED or self.opens_tasks:
                protocol = self._protocol(row)
                required = 1 if row.kind in JUDGED else protocol.required_answers
                tasks.append(NewTask(protocol.pk, prompt.id, required, [completion.id for completion in shown]))
        written = bulk.open_tasks(tasks, now=self.now)
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
                    self._reject(judgement.row)
                else:
                    again.append(judgement)
            judgements = again
            if not judgements:
                return

    def _add_answers(self, judgements: list[Judgement], number: int) -> list[AnswerOutcome]:
        keys = [self._judge_key(judgement.row, number) for judgement in judgements]
        names = {key: self._judge_name(key) for key in keys if key not in self.judge_ids}
        self.judge_ids |= ensure_judges(names) if names else {}
        answers = []
        for judgement, key in zip(judgements, keys, strict=True):
            version_id = self.version_ids[self._protocol(judgement.row).pk]
            given_at = datetime.fromisoformat(judgement.row.created_at) if judgement.row.created_at else self.now
            answer = NewAnswer(judgement.task_id, self.judge_ids[key], judgement.payload, version_id, given_at)
            answers.append(answer)
        return bulk.add_answers(answers, now=self.now) if answers else []

    def _judge_key(self, row: Row, number: int) -> tuple[str, str]:
        """A judge without a source is known in this project only; one with a source is the same everywhere."""
        return row.source or f"project-{self.job.project_id}", row.annotator or f"unnamed-{number}"

    def _judge_name(self, key: tuple[str, str]) -> str:
        source, name = key
        return f"{name} ({source})" if source != f"project-{self.job.project_id}" else name

    def _reject(self, row: Row) -> None:
        judge = f"The judge {row.annotator!r}" if row.annotator else f"{UNNAMED_JUDGES} unnamed judges"
        message = f"{judge} answered this before, and otherwise. What was there stays; remove one of the two rows."
        error = BadRow("annotator", "contradiction", message)
        refused = rejected(row.line, error, row.messages[-1]["content"])
        record_rejected(self.job, [refused])
        self.counts["rejected"] += 1
        self.reasons[refused.reason] += 1

    def _protocol(self, row: Row) -> Protocol:
        kind = PROTOCOL_KIND[row.kind]
        if kind not in self.protocols:
            raise BadFile(
                f"The project has no protocol of the kind {kind}, which line {row.line} needs. Make one, retry."
            )
        return self.protocols[kind]


def _protocols_of(job: ImportFile) -> dict[str, Protocol]:
    """Return the oldest protocol of each kind, active ones before paused ones."""
    newest_first = Protocol.objects.filter(project=job.project_id).order_by("-state", "-pk")
    return {protocol.kind: protocol for protocol in newest_first}


def _payload(row: Row, completion_ids: list[int]) -> dict[str, Any]:
    if row.kind == "demonstration":
        return {"completion": row.completion}
    tiers = [sorted(completion_ids[place] for place in tier) for tier in row.tiers]
    return {"tiers": tiers, "all_bad": row.all_bad, "rationale": row.rationale}
