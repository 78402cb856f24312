"""The long work of a worklist: a child scores the candidates, the best of them become tasks."""

from __future__ import annotations

from threading import Event as Flag

from django.utils import timezone

from annotation.registry.attempts import Attempt, work_on
from annotation.registry.models import Worklist
from annotation.registry.scoring import scored
from annotation.registry.worklists import Candidate, Scores, candidates_for, open_worklist, opinions_on, texts_of
from training.records import ItemRecord


def execute_worklist(*, worklist_id: int, must_stop: Flag) -> None:
    """Have the model score, and open what people compare. Given back, it is scored again, to the same figures."""
    work_on(Worklist, worklist_id, must_stop=must_stop, work=_fill)


def _fill(attempt: Attempt[Worklist]) -> None:
    candidates = candidates_for(attempt.job)
    opinions = opinions_on(candidates, _scored(attempt, candidates)) if candidates else []
    open_worklist(worklist=attempt.job, opinions=opinions, now=timezone.now())


def _scored(attempt: Attempt[Worklist], candidates: list[Candidate]) -> Scores:
    """Return each completion's scores; every one is read once, however many pairs it is in."""
    texts = texts_of(candidates)
    items = (
        ItemRecord.from_json({"item_id": str(prompt), "messages": messages, "completions": list(written.values())})
        for prompt, (messages, written) in texts.items()
        if written
    )
    return {
        completion: members
        for item in scored(attempt, attempt.job.model, items, attempt.note_progress)
        for completion, members in zip(texts[int(item.item_id)][1], item.scores, strict=True)
    }
