"""The header Idempotency-Key: a write that is sent again under its key is answered as before and done once.

Every write of the API by somebody signed in takes one, except uploads (a file is known by its sha256, and importing
it again adds nothing) and what a view says of itself by `on_repeat`. Without the header nothing here asks the database.
Source: draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from enum import Enum
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.views import APIView

from annotation.api import errors
from annotation.api.body import BODY_BYTES
from annotation.people import replies
from annotation.people.actions import BadField
from annotation.people.models import StoredReply, User

HEADER = "Idempotency-Key"
META_HEADER = "HTTP_IDEMPOTENCY_KEY"
REPLAYED = "Idempotent-Replayed"

View = Callable[..., HttpResponseBase]


class Repeat(Enum):
    """What becomes of a request that is sent again under its key."""

    # The default: its reply is kept and sent again.
    REPLAY = "replay"
    # It is refused: the reply showed a secret, which is kept nowhere.
    REFUSE = "refuse"
    # It runs again: it changes nothing, or streams.
    RUN = "run"


class IdempotencyKeys:
    """Middleware, the last in its list: it stands around views alone."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Answer in the view's place where a key is given; None leaves the request to the view."""
        if META_HEADER not in request.META or not takes_key(getattr(view, "cls", None), request.method):
            return None
        if not _is_of_a_size(request):
            return None  # the view itself refuses
        try:
            body = request.body  # before the person is known by a form's field, which would use the stream up
            person = _person(view, request)
            if person is None:
                return None
            digest = replies.digest_of(str(request.method), request.get_full_path(), body)
            return _answer_once(request, lambda: view(request, *args, **kwargs), person, digest, repeat_of(view.cls))
        except tuple(errors.TABLE) as error:
            return errors.answer(error)


def takes_key(view: type[APIView] | None, method: str | None) -> bool:
    """Say whether requests to this view with this method may name a key."""
    if view is None or method in SAFE_METHODS or repeat_of(view) is Repeat.RUN:
        return False
    return AllowAny not in view.permission_classes and MultiPartParser not in view.parser_classes


def repeat_of(view: type[APIView]) -> Repeat:
    return getattr(view, "on_repeat", Repeat.REPLAY)


def _answer_once(
    request: HttpRequest, run: Callable[[], HttpResponseBase], person: User, digest: str, repeat: Repeat
) -> HttpResponseBase:
    """Send the reply of before, or run the view and keep its reply, in one transaction; a refusal leaves no trace."""
    key = _key(request)
    with transaction.atomic():
        before = replies.reply_before(person=person, key=key, request_sha256=digest)
        if before:
            return _again(before)
        reply = run()
        if hasattr(reply, "render"):
            reply = reply.render()
        if reply.status_code >= 400:
            transaction.set_rollback(True)
        elif not reply.streaming:
            body = None if repeat is Repeat.REFUSE else reply.content
            kind = reply.headers.get("Content-Type", "")
            replies.keep_reply(
                person=person,
                key=key,
                request_sha256=digest,
                status=reply.status_code,
                content_type=kind,
                body=body,
                now=timezone.now(),
            )
    return reply


def _again(kept: StoredReply) -> HttpResponse:
    reply = HttpResponse(bytes(kept.body), status=kept.status, content_type=kept.content_type)
    if not kept.content_type:
        del reply.headers["Content-Type"]
    reply.headers[REPLAYED] = "true"
    return reply


def _key(request: HttpRequest) -> uuid.UUID:
    """Return the key; the draft writes it in quotes, most clients without."""
    text = request.headers[HEADER].strip().removeprefix('"').removesuffix('"')
    try:
        return uuid.UUID(text)
    except ValueError:
        raise BadField(HEADER, "must be a UUID: make a new one for each request") from None


def _is_of_a_size(request: HttpRequest) -> bool:
    announced = request.META.get("CONTENT_LENGTH") or "0"
    return announced.isdecimal() and int(announced) <= BODY_BYTES


def _person(view: Any, request: HttpRequest) -> User | None:
    """Return who asks, by the view's own ways to sign in; None for nobody, whom the view refuses."""
    known = request.user
    try:
        user = view.cls(**view.initkwargs).initialize_request(request).user
    except APIException:
        request.user = known  # for the view to refuse: a failed try signs the request out
        return None
    return user if isinstance(user, User) else None
