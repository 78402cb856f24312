"""Messages are hints: lost, late or doubled, they leave the rows right."""

from __future__ import annotations

import pytest

from annotation.followups import jobs
from annotation.projects.models import Protocol
from tests.annotation.followups.conftest import Demonstrate


def test_one_message_follows_all_that_waits(
    demonstrate: Demonstrate, scoring: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        demonstrate(prompt=f"Question {number}?")
    monkeypatch.setattr("annotation.followups.actions.BATCH", 2)
    jobs.follow_waiting()
    assert scoring.tasks.count() == 3


def test_the_sweep_sends_a_message_only_where_something_waits(
    demonstrate: Demonstrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bool] = []
    monkeypatch.setattr(jobs.follow_waiting, "delay", lambda: sent.append(True))
    jobs.send_due()
    assert sent == []
    demonstrate()
    jobs.send_due()
    assert sent == [True]
