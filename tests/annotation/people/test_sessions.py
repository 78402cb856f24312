"""Sessions, people and tokens read by prepared statements mean what Django's and knox's own reading means."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.utils import timezone

from annotation.people import actions
from annotation.people.models import ApiToken, User
from annotation.people.sessions import Backend, SessionStore, token_of


def test_a_session_is_read_as_django_reads_it(db: None) -> None:
    session = SessionStore()
    session["here"] = "there"
    session.save()
    assert SessionStore(session.session_key).load() == DatabaseSessions(session.session_key).load() == {"here": "there"}


@pytest.mark.parametrize("key", ["", "a" * 32, "nul\x00nul-nul-nul"])
def test_an_unknown_session_is_empty(db: None, key: str) -> None:
    session = SessionStore(key)
    assert session.load() == {}
    assert session.session_key is None


def test_an_old_session_is_none(db: None) -> None:
    session = SessionStore()
    session["here"] = "there"
    session.set_expiry(-1)
    session.save()
    assert SessionStore(session.session_key).load() == {}


def test_a_person_comes_whole_and_only_while_active(owner: User) -> None:
    found = Backend().get_user(str(owner.pk))
    assert found is not None
    assert {f.attname: getattr(found, f.attname) for f in User._meta.concrete_fields} == {
        f.attname: getattr(owner, f.attname) for f in User._meta.concrete_fields
    }
    User.objects.update(is_active=False)
    assert Backend().get_user(owner.pk) is None
    assert Backend().get_user(10**9) is None


def test_a_token_is_found_by_its_text_until_it_is_old_or_its_person_gone(owner: User) -> None:
    row, text = actions.create_token(actor=owner, name="CI", scopes=["read"], expires_in_days=1, now=timezone.now())
    found = token_of(text)
    assert found == row
    assert found is not None
    assert (found.user, found.scopes) == (owner, ["read"])
    assert token_of(text[:-1] + ("0" if text[-1] != "0" else "1")) is None
    assert token_of(text[:8]) is None
    User.objects.update(is_active=False)
    assert token_of(text) is None
    User.objects.update(is_active=True)
    ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert token_of(text) is None
