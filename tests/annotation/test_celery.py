from __future__ import annotations

import os

import pytest
from celery import signals

from annotation import celery


def test_a_worker_lets_people_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(os, "nice", asked.append)
    signals.worker_init.send(sender=None)
    assert asked == [celery.BEHIND]
