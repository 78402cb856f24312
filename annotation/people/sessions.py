"""Who asks: sessions, people and tokens read by prepared statements, since every request pays for it.

What they mean is Django's, allauth's and knox's affair; here is only how their rows are fetched.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.utils import timezone
from knox.crypto import hash_token
from knox.settings import CONSTANTS

from annotation import prepared
from annotation.people.models import ApiToken, User


def _fields(model: Any) -> list[Any]:
    """Leave out what only the page of one's own account asks for: it is loaded there."""
    return [field for field in model._meta.concrete_fields if field.attname != "shortcuts"]


def _columns(model: Any, table: str) -> str:
    return ", ".join(f"{table}.{field.column} AS {table}_{field.attname}" for field in _fields(model))


_SESSION = """
    SELECT session_data, expire_date FROM django_session
    WHERE session_key = %(key)s::text AND expire_date > %(now)s::timestamptz
"""
_USER = f"SELECT {_columns(User, 'person')} FROM people_user AS person WHERE person.id = %(id)s::bigint"
_TOKEN = f"""
    SELECT {_columns(ApiToken, "token")}, {_columns(User, "person")}
    FROM people_apitoken AS token JOIN people_user AS person ON person.id = token.user_id
    WHERE token.token_key = %(key)s::text
      AND (token.expiry IS NULL OR token.expiry > %(now)s::timestamptz) AND person.is_active
"""


class SessionStore(DatabaseSessions):
    # What stands in its row, where it has been read.
    stored = ""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        key = self.session_key or ""
        rows = prepared.run(_SESSION, {"key": key, "now": timezone.now()}) if "\x00" not in key else []
        if not rows:
            self._session_key = None
            return None
        self.stored = rows[0].session_data
        return prepared.built(Session, {"session_key": key, **rows[0]._asdict()})


class Backend(AuthenticationBackend):  # type: ignore[misc]
    def get_user(self, user_id: Any) -> User | None:
        rows = prepared.run(_USER, {"id": int(user_id)})
        user = _built(User, rows[0], "person") if rows else None
        return user if user and self.user_can_authenticate(user) else None


def token_of(text: str) -> ApiToken | None:
    """Return the living token with this text, with its person; knox stores it hashed, under its first letters."""
    rows = prepared.run(_TOKEN, {"key": text[: CONSTANTS.TOKEN_KEY_LENGTH], "now": timezone.now()})
    digest = hash_token(text) if rows else ""
    for row in rows:
        if compare_digest(digest, row.token_digest):
            token: ApiToken = _built(ApiToken, row, "token")
            token.user = _built(User, row, "person")
            return token
    return None


def _built(model: Any, row: Any, table: str) -> Any:
    columns = {field.attname: getattr(row, f"{table}_{field.attname}") for field in _fields(model)}
    return prepared.built(model, columns)
