"""Who asks, presumed from what their session or token meant before, and read again along with their work.

To find out who asks takes a round trip of its own and some hashing, and nearly always comes out as the time before. So
what Django and knox once made of somebody's rows is remembered with these rows: the next request does its work for that
person and reads the rows in the same round trip, before everything else and in the same transaction. Rows that are the
same mean the same. Else nothing was done, and Django and knox are asked: a session that has ended, a token that was
revoked, a new password and a person shut out take effect at once, as ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from knox.crypto import hash_token

from annotation import prepared
from annotation.people.actions import LAST_USE_SECONDS
from annotation.people.models import ApiToken, User
from annotation.people.sessions import SessionStore

REMEMBERED_MOST = 10_000

_PERSON = ("id", "password", "is_owner", "is_active")
_COLUMNS = ", ".join(f"person.{name}" for name in _PERSON)
_SESSION = f"""
    SELECT session.session_data, {_COLUMNS}
    FROM django_session AS session JOIN people_user AS person ON person.id = %(person)s::bigint
    WHERE session.session_key = %(key)s::text AND session.expire_date > %(now)s::timestamptz
"""
_TOKEN = f"""
    SELECT token.scopes, {_COLUMNS}
    FROM people_apitoken AS token JOIN people_user AS person ON person.id = token.user_id
    WHERE token.digest = %(key)s::text AND (token.expiry IS NULL OR token.expiry > %(now)s::timestamptz)
"""


@dataclass(frozen=True, slots=True)
class Presumption:
    """A person, and the row by which they were known: the session's or token's own column, then the person's."""

    statement: str
    key: str
    row: tuple[Any, ...]
    # When a token's use is to be noted again, which is for knox's way to do.
    until: datetime | None = None

    @property
    def person(self) -> User:
        return prepared.built(User, dict(zip(_PERSON, self.row[1:], strict=True)))

    def proof(self, now: datetime) -> prepared.Proof:
        """Return what shows that it holds still; see `prepared.presuming`."""
        return prepared.Proof((self.statement, {"key": self.key, "person": self.row[1], "now": now}), self.row)


# By the session's key or the token's digest.
_remembered: dict[str, Presumption] = {}


def by_session(request: HttpRequest) -> Presumption | None:
    return _remembered.get(_session_key(request))


def by_token(text: str, now: datetime) -> Presumption | None:
    known = _remembered.get(hash_token(text))
    return known if known and known.until and now < known.until else None


def forget(presumption: Presumption) -> None:
    _remembered.pop(presumption.key, None)


def visitor(request: HttpRequest) -> User | None:
    """Return who is signed in, as Django finds it, and remember them; None for nobody."""
    key = _session_key(request)
    request.session = store = SessionStore(key)
    person = get_user(request)
    if not isinstance(person, User):
        return None
    _remember(Presumption(_SESSION, key, _row(store.stored, person)))
    return person


def remember_token(token: ApiToken, now: datetime) -> None:
    """Remember a token that knox has just accepted, until its use is to be noted again."""
    pause, last = timedelta(seconds=LAST_USE_SECONDS), token.last_used_at
    until = (last if last and last + pause > now else now) + pause
    _remember(Presumption(_TOKEN, token.digest, _row(token.scopes, token.user), until))


def _remember(presumption: Presumption) -> None:
    if len(_remembered) >= REMEMBERED_MOST:
        _remembered.clear()
    _remembered[presumption.key] = presumption


def _row(first: Any, person: User) -> tuple[Any, ...]:
    columns: Mapping[str, Any] = person.__dict__
    return (first, *(columns[name] for name in _PERSON))


def _session_key(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
