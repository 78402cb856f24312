"""What was answered to writes with an idempotency key, kept for a day.

A reply is stored in the transaction of the write itself: whenever a worker dies, both are there or neither is.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

from annotation.people.models import StoredReply, User

KEPT_HOURS = 24


class KeyReused(Exception):
    """The key was given to another request before."""


class StillAtWork(Exception):
    """The same request is being answered at this moment."""

    wait = 1


class ReplyNotKept(Exception):
    """The request was answered before, with a secret that is shown once."""


def digest_of(method: str, address: str, body: bytes) -> str:
    """Return what tells one request from another, and nothing of its content."""
    request = b"\0".join([method.encode(), address.encode(), body])
    return salted_hmac("annotation.people.replies", request, algorithm="sha256").hexdigest()


def reply_before(*, person: User, key: uuid.UUID, request_sha256: str) -> StoredReply | None:
    """Return the reply to this very request; None for a new one, whose key is then held until the transaction ends.

    Nobody waits for a request that is still at work: a stuck one would take a thread with every try.
    Raise StillAtWork, KeyReused, ReplyNotKept.
    """
    if not _hold(person, key):
        raise StillAtWork("This request is being answered already. Ask again in a second.")
    reply = StoredReply.objects.filter(person=person, key=key).first()
    if reply and reply.request_sha256 != request_sha256:
        raise KeyReused("This idempotency key belongs to another request: make a new key for each.")
    if reply and reply.body is None:
        raise ReplyNotKept("This was done before. Its reply showed a secret, which is shown only once.")
    return reply


def keep_reply(
    *,
    person: User,
    key: uuid.UUID,
    request_sha256: str,
    status: int,
    content_type: str,
    body: bytes | None,
    now: datetime,
) -> StoredReply:
    """Store the reply to the request whose key this transaction holds; without a body where it shows a secret."""
    return StoredReply.objects.create(
        person=person,
        key=key,
        request_sha256=request_sha256,
        status=status,
        content_type=content_type,
        body=body,
        created_at=now,
    )


def forget_replies(*, now: datetime) -> int:
    """Delete the replies whose day is over; return how many."""
    return StoredReply.objects.filter(created_at__lt=now - timedelta(hours=KEPT_HOURS)).delete()[0]


def _hold(person: User, key: uuid.UUID) -> bool:
    """Take the key for this transaction; False while another one has it."""
    with connection.cursor() as cursor:
        name = f"{person.pk}:{key}"
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('annotation.reply'), hashtext(%s))", [name])
        return bool(cursor.fetchone()[0])
