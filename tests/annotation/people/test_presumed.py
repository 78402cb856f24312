"""How long somebody is presumed to be who they were; what ends it at once is in the tests of the short way."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from annotation.people import actions, presumed
from annotation.people.models import User


def test_a_token_is_asked_about_again_when_its_use_is_to_be_noted(annotator: User, now: datetime) -> None:
    token, text = actions.create_token(actor=annotator, name="Mine", scopes=["read"], expires_in_days=1, now=now)
    minute, second = timedelta(seconds=actions.LAST_USE_SECONDS), timedelta(seconds=1)
    presumed.remember_token(token, now)
    assert presumed.by_token(text, now + minute - second)
    assert not presumed.by_token(text, now + minute)
    token.last_used_at = now - minute + second
    presumed.remember_token(token, now)
    assert presumed.by_token(text, now)
    assert not presumed.by_token(text, now + second)
    assert not presumed.by_token(text + "x", now)


def test_not_more_than_so_many_are_remembered(annotator: User, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presumed, "_remembered", {})
    monkeypatch.setattr(presumed, "REMEMBERED_MOST", 2)
    for name in ("one", "two", "three"):
        token, _ = actions.create_token(actor=annotator, name=name, scopes=["read"], expires_in_days=1, now=now)
        presumed.remember_token(token, now)
    assert list(presumed._remembered) == [token.digest]
