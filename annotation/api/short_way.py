"""A short way past the framework for what people wait for all day: middleware, the first in its list.

For any request whatever ten middlewares, the router and the framework look what it might be, negotiate, wrap and build
a serializer, which is more work than the hand-over's own. The short way serves only what is plainly in order: JSON
from somebody signed in who may write, asking for JSON, accepted by the view's serializer. Everything else goes the
long way, which says what is wrong with it; so there is one contract, and a test sends the same requests both ways.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.handlers.exception import response_for_exception
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils import timezone
from rest_framework.authentication import CSRFCheck
from rest_framework.exceptions import APIException

from annotation import prepared
from annotation.api import errors
from annotation.api.access import BearerToken
from annotation.api.body import JsonBody
from annotation.api.hand_over import Submit
from annotation.api.middlewares import ContentPolicy
from annotation.people import presumed
from annotation.people.models import User

# Where the router finds the view as well.
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_UUID, ADDRESS = re.compile(_ID), re.compile(rf"/api/work/claims/({_ID})/submit/")
# What the page sends; evidence comes seldom.
_USUAL = {"payload", "seconds", "step_seconds", "idempotency_key", "showing"}
JSON = "application/json"
_ANYTHING_OR_JSON = (None, "*/*", JSON)
_ALLOWED = ", ".join(Submit().allowed_methods)
_BEARER, _BODY, _CSRF = BearerToken(), JsonBody(), CSRFCheck(lambda request: HttpResponse())
_SERIALIZER = Submit.Input()  # to build its fields takes longer than to check a body by them
# All that Django's check for forged requests looks at, beside its cookie.
_LOOKED_AT = ("HTTP_X_CSRFTOKEN", "HTTP_ORIGIN", "HTTP_REFERER", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT")
_found_guarded: set[tuple[Any, ...]] = set()

View = Callable[[HttpRequest], HttpResponseBase]


class ShortWay:
    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.shortly(request) or self.get_response(request)

    def shortly(self, request: HttpRequest) -> HttpResponseBase | None:
        """Return the reply to a hand-over that is plainly in order, None for any other request."""
        found = ADDRESS.fullmatch(request.path_info) if request.method == "POST" else None
        if found is None or not _is_plain(request):
            return None
        try:
            request.get_host()
            # The body stays with the request: the long way may want it.
            body = accepted(_BODY.parse(BytesIO(request.body)))
            reply = _replying(request, timezone.now(), body, uuid.UUID(found[1]))
        except (APIException, RequestDataTooBig, SuspiciousOperation):
            return None
        return reply and _with_headers(reply, request)


def accepted(given: Any) -> dict[str, Any]:
    """Return a body as the serializer understands it, sooner where its form is the usual one. Raise ValidationError."""
    if type(given) is dict and _USUAL.issuperset(given):
        payload, seconds, key = map(given.get, ("payload", "seconds", "idempotency_key"))
        steps, showing = given.get("step_seconds", {}), given.get("showing")
        times = [seconds, *steps.values()] if type(steps) is dict else [None]
        if (
            type(payload) is dict
            and all(type(time) in (int, float) and 0 <= time < 2**53 for time in times)
            and type(key) is str
            and _UUID.fullmatch(key)
            and (showing is None or (type(showing) is str and _UUID.fullmatch(showing)))
        ):
            understood = {"payload": payload, "seconds": float(seconds), "idempotency_key": uuid.UUID(key)}
            if "step_seconds" in given:
                understood["step_seconds"] = {step: float(time) for step, time in steps.items()}
            if "showing" in given:
                understood["showing"] = uuid.UUID(showing) if showing else None
            return understood
    return _SERIALIZER.run_validation(given)


def _replying(request: HttpRequest, now: datetime, body: dict[str, Any], claim_id: uuid.UUID) -> HttpResponse | None:
    by_token = "HTTP_AUTHORIZATION" in request.META
    if not by_token and not _is_guarded(request):
        return None
    known = presumed.by_token(_token(request), now) if by_token else presumed.by_session(request)
    if known is None:
        person = _bearer(request, now) if by_token else presumed.visitor(request)
        return person and _answer(request, person, body, claim_id)
    if by_token and "write" not in known.row[0]:
        return None
    proof = known.proof(now)
    with prepared.presuming(proof):
        reply = _answer(request, known.person, body, claim_id)
    if not proof.holds:
        presumed.forget(known)
        return None
    return reply


def _answer(request: HttpRequest, person: User, body: dict[str, Any], claim_id: uuid.UUID) -> HttpResponse | None:
    try:
        done = Submit().act(person, body, pk=claim_id)
        reply = HttpResponse(orjson.dumps(done, option=orjson.OPT_UTC_Z), content_type=JSON)
    except prepared.Mistaken:
        return None
    except tuple(errors.TABLE) as error:
        reply = errors.answer(error)
    except Exception as error:
        return response_for_exception(request, error)  # as around any view: the site's own page, and a traceback
    reply.headers["Allow"] = _ALLOWED
    return reply


def _is_plain(request: HttpRequest) -> bool:
    return (
        request.content_type == JSON
        and not request.META.get("QUERY_STRING")
        and request.META.get("HTTP_ACCEPT") in _ANYTHING_OR_JSON
    )


def _bearer(request: HttpRequest, now: datetime) -> User | None:
    """Return who the token belongs to, as knox finds it, where it may write."""
    found = _BEARER.authenticate(request)
    if not found or "write" not in found[1].scopes:
        return None
    presumed.remember_token(found[1], now)
    return found[0]


def _token(request: HttpRequest) -> str:
    """Return the token as most clients send it; what is sent in another form is knox's affair."""
    kind, _, text = request.META["HTTP_AUTHORIZATION"].partition(" ")
    return text if kind == _BEARER.authenticate_header(request) and text.isascii() else ""


def _is_guarded(request: HttpRequest) -> bool:
    """Say whether Django's check finds nothing against a request that comes by cookie, or found nothing before.

    What it looks at is the same from one hand-over to the next.
    """
    said = (request.COOKIES.get(settings.CSRF_COOKIE_NAME), request.is_secure(), *map(request.META.get, _LOOKED_AT))
    if said in _found_guarded:
        return True
    _CSRF.process_request(request)
    if _CSRF.process_view(request, None, (), {}) is not None:  # type: ignore[arg-type]
        return False
    if not getattr(request, "_dont_enforce_csrf_checks", False):
        if len(_found_guarded) >= presumed.REMEMBERED_MOST:
            _found_guarded.clear()
        _found_guarded.add(said)
    return True


def _with_headers(reply: HttpResponse, request: HttpRequest) -> HttpResponse:
    """Say what the middlewares that were passed by would have said."""
    for name, value in _headers(request.is_secure()).items():
        reply.headers[name] = value
    if "HTTP_AUTHORIZATION" not in request.META:
        reply.headers["Vary"] = "Cookie"
    reply.headers["Content-Length"] = str(len(reply.content))
    return reply


@cache
def _headers(is_secure: bool) -> Mapping[str, str]:
    """Return what is the same for all replies."""
    request, reply = HttpRequest(), HttpResponse()
    request.is_secure = lambda: is_secure  # type: ignore[method-assign]
    del reply.headers["Content-Type"]
    for kind in (SecurityMiddleware, ContentPolicy, XFrameOptionsMiddleware):
        reply = kind(lambda request: HttpResponse()).process_response(request, reply)  # type: ignore[assignment]
    return dict(reply.headers)
