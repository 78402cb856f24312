"""How much one person may ask of the models: requests in a minute, tokens in a day; one row a person and day."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F

from annotation.people.models import User
from annotation.registry.models import ModelUse

# One statement: two requests at a time both count.
_TAKE = """
INSERT INTO registry_modeluse AS held (user_id, day, minute, requests_in_minute, requests, tokens)
VALUES (%s, %s, %s, 1, 1, 0)
ON CONFLICT (user_id, day) DO UPDATE SET
    requests_in_minute = CASE WHEN held.minute = excluded.minute THEN held.requests_in_minute + 1 ELSE 1 END,
    minute = excluded.minute,
    requests = held.requests + 1
RETURNING requests_in_minute, tokens
"""


class TooMuchAsked(Exception):
    """The person has asked as much as they may for now; `wait` says for how many seconds."""

    def __init__(self, message: str, wait: float) -> None:
        self.wait = wait
        super().__init__(message)


def take(*, user: User, now: datetime) -> None:
    """Count a request. Raise TooMuchAsked."""
    minute = now.hour * 60 + now.minute
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [user.pk, now.date(), minute])
        [requests, tokens] = cursor.fetchone()
    if requests > settings.REQUESTS_PER_MINUTE:
        raise TooMuchAsked(
            f"You may ask {settings.REQUESTS_PER_MINUTE} times a minute: wait until the next.", wait=60 - now.second
        )
    if tokens >= settings.TOKENS_PER_DAY:
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        raise TooMuchAsked(
            f"You have used the {settings.TOKENS_PER_DAY:,} tokens that anybody has a day: go on tomorrow (UTC).",
            wait=(midnight - now).total_seconds(),
        )


def note_tokens(*, user_id: int, tokens: int, now: datetime) -> None:
    """Count what an answer has read and written."""
    ModelUse.objects.filter(user_id=user_id, day=now.date()).update(tokens=F("tokens") + tokens)
