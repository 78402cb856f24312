from __future__ import annotations

from collections.abc import Callable

import pytest

from annotation.people.models import User
from annotation.projects.models import Protocol
from annotation.quality import jobs
from annotation.quality.models import AgreementFigure, AnswerAgreement
from annotation.tasks.models import Task
from tests.annotation.quality.conftest import Rank

Sent = list[tuple[str, dict[str, int]]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What was enqueued, by name and arguments."""
    messages: Sent = []
    for name in ("compare_changed", "compute_report"):
        job = getattr(jobs, name)
        monkeypatch.setattr(job, "delay", lambda name=name, **given: messages.append((name, given)))
    return messages


@pytest.fixture
def answered(question: Callable[..., Task], rank: Rank, annotator: User, reviewer: User) -> Task:
    task = question()
    rank(task, annotator)
    rank(task, reviewer)
    return task


def test_the_sweep_finds_all_that_lost_its_message(answered: Task, sent: Sent, ranking_protocol: Protocol) -> None:
    jobs.send_due()
    assert sent == [("compare_changed", {})]
    jobs.compare_changed()
    jobs.send_due()
    assert sent[1:] == [("compute_report", {"protocol_id": ranking_protocol.pk})]
    jobs.compute_report(protocol_id=ranking_protocol.pk)
    jobs.send_due()
    assert len(sent) == 2
    assert AgreementFigure.objects.filter(scope="protocol", agreement=1).exists()


def test_a_message_compares_one_task_and_twice_is_once(answered: Task) -> None:
    for _ in range(2):
        jobs.compare_task(task_id=answered.pk)
    jobs.compare_task(task_id=answered.pk + 999)
    assert AnswerAgreement.objects.count() == 2


def test_a_quiet_site_sends_nothing(project: object, sent: Sent) -> None:
    jobs.send_due()
    assert sent == []
