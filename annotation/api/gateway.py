"""The models over HTTP, as a client of OpenAI's API asks for them: who asks is known, and held to their limits.

What is asked is passed on to the served model and what it says passed back; errors have OpenAI's shape throughout. A
stream holds no database connection, and is answered by the gateway's own process, whose threads are many.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.http import StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api import errors
from annotation.api.access import user_of
from annotation.database.lending import give_back
from annotation.people.models import ApiToken, User
from annotation.projects.permissions import can
from annotation.registry import limits
from annotation.registry.limits import TooMuchAsked
from annotation.registry.models import Served, Stage
from annotation.registry.upstreams import LlamaGuard, Reply, Upstream, UpstreamGone, Verdict, upstream_for
from training.categories import OPENAI

# A guard reads one text after the other, and one request keeps a thread meanwhile.
MOST_GUARDED = 16


class Refused(Exception):
    """A request that the gateway does not pass on."""

    def __init__(self, status: int, code: str, message: str, param: str | None = None) -> None:
        self.status, self.code, self.param = status, code, param
        super().__init__(message)


class MayAsk(BasePermission):
    """A token needs the scope `chat`. Sessions have no scopes."""

    message = "This token may not ask models: make one with the scope “chat”."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return not isinstance(request.auth, ApiToken) or "chat" in request.auth.scopes


class GatewayView(APIView):
    """Answers in OpenAI's shapes, errors too."""

    permission_classes: ClassVar[Any] = [IsAuthenticated, MayAsk]
    schema = None

    def handle_exception(self, exc: Exception) -> Response:
        status, code, param, headers = 500, "server_error", None, {}
        if isinstance(exc, Refused):
            status, code, param = exc.status, exc.code, exc.param
        elif isinstance(exc, TooMuchAsked):
            status, code, headers = 429, "rate_limit_exceeded", {"Retry-After": str(int(exc.wait) + 1)}
        elif isinstance(exc, UpstreamGone):
            status, code, headers = 503, "model_not_available", {"Retry-After": "5"}
        elif isinstance(exc, exceptions.APIException):
            status, code = exc.status_code, "invalid_api_key" if exc.status_code == 401 else str(exc.get_codes())
        else:
            found = errors.handler(exc, {})
            if found is None:
                raise exc
            status, code = found.status_code, str(found.data["code"])
        kind = "invalid_request_error" if status < 500 else "server_error"
        body = {"error": {"message": str(exc), "type": kind, "param": param, "code": code}}
        if status == 401:
            headers = {"WWW-Authenticate": "Bearer"}
        response = Response(body, status, headers=headers)
        response.exception = True
        return response


class Models(GatewayView):
    def get(self, request: Request) -> Response:
        rows = Served.objects.answering(user_of(request)).select_related("model", "project").order_by("name")
        data = [
            {
                "id": served.name,
                "object": "model",
                "created": int(served.changed_at.timestamp()),
                "owned_by": served.project.name,
                "state": served.state,
                "can_chat": served.can_chat,
            }
            for served in rows
        ]
        return Response({"object": "list", "data": data})


class Asked(GatewayView):
    """One of the ways to ask a model; `passed_on` is its address there."""

    passed_on: ClassVar[str]
    is_for_people = False

    def post(self, request: Request) -> Response | StreamingHttpResponse:
        user, body = user_of(request), request.data
        if not isinstance(body, dict):
            raise Refused(400, "invalid_json", "The body must be a JSON object.")
        served = self._served(user, body)
        if body.get("stream") and not settings.IS_GATEWAY:
            raise Refused(
                400, "no_streams_here", f"Streams are answered at {settings.GATEWAY_URL}/v1: ask there.", "stream"
            )
        limits.take(user=user, now=timezone.now())
        upstream = upstream_for(served)
        # From here on nothing is asked of the database until the model has answered.
        give_back()
        if body.get("stream"):
            return self._streamed(upstream, user, body)
        reply = self.asked(upstream, body)
        _note(user, reply.body)
        return _passed_back(reply)

    def asked(self, upstream: Upstream, body: Mapping[str, Any]) -> Reply:
        """Return what the model answers. Raise Refused, UpstreamGone."""
        return upstream.post(self.passed_on, body)

    def _served(self, user: User, body: Mapping[str, Any]) -> Served:
        """Return the model that is asked for. Raise Refused: why it is not to be asked this."""
        name = body.get("model")
        if not isinstance(name, str) or not name or "\x00" in name:
            raise Refused(400, "invalid_value", "model must be the name of a served model.", "model")
        rows = Served.objects.answering(user).select_related("model", "project")
        served = rows.filter(name=name).first()
        if served is None:
            raise Refused(404, "model_not_found", f"No model called “{name}” is served to you.", "model")
        if served.model is not None and served.model.stale_at is not None:
            raise Refused(
                409,
                "model_stale",
                f"{name} has learned from words that were withdrawn since; it no longer speaks.",
                "model",
            )
        self.check(user, served)
        return served

    def check(self, user: User, served: Served) -> None:
        """Raise Refused where the person may not ask this of the model."""
        if not can(user, "view_run", served.project):
            raise Refused(
                403, "not_allowed", f"Your role in “{served.project}” does not allow this (view run).", "model"
            )

    def _streamed(self, upstream: Upstream, user: User, body: Mapping[str, Any]) -> Response | StreamingHttpResponse:
        wants_usage = isinstance(body.get("stream_options"), dict) and bool(body["stream_options"].get("include_usage"))
        found = upstream.stream(self.passed_on, {**body, "stream_options": {"include_usage": True}})
        if isinstance(found, Reply):
            return _passed_back(found)
        response = StreamingHttpResponse(_lines(found, user, wants_usage), content_type="text/event-stream")
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Accel-Buffering"] = "no"
        return response


class ChatCompletions(Asked):
    passed_on = "/chat/completions"

    def check(self, user: User, served: Served) -> None:
        if served.can_chat:
            if not can(user, "view_run", served.project):
                said = f"No filter reads along here: talk to {served.name} on the page “Chat”, where one does."
                raise Refused(403, "not_moderated", said, "model")
            return
        if served.model is not None and served.model.waits_for_people:
            why = "its project asks that people find it better than the model before it first"
            raise Refused(400, "not_deployable", f"{served.name} is not deployable: {why}.", "model")
        why = {
            Stage.PRETRAIN: "a foundation model completes text and answers nobody: ask it at /v1/completions",
            Stage.REWARD: "a reward model judges answers and writes none: ask it at /v1/score",
        }.get(served.model.stage if served.model is not None else None, "it is no model that people may talk to")
        raise Refused(400, "not_deployable", f"{served.name} is not deployable: {why}.", "model")


class Completions(Asked):
    passed_on = "/completions"


class Moderations(Asked):
    passed_on = "/moderations"

    def asked(self, upstream: Upstream, body: Mapping[str, Any]) -> Reply:
        """A guard that answers in a chat is asked there, and its verdicts told in the shape of the others'."""
        if not isinstance(upstream, LlamaGuard):
            return super().asked(upstream, body)
        texts = body.get("input")
        texts = [texts] if isinstance(texts, str) else texts
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            raise Refused(400, "invalid_value", "input must be a text or a list of texts.", "input")
        if len(texts) > MOST_GUARDED:
            raise Refused(400, "invalid_value", f"{upstream.name} reads at most {MOST_GUARDED} texts at once.", "input")
        return Reply(200, {}, _as_moderations(upstream.name, upstream.moderate(texts)))


class Scores(Asked):
    passed_on = "/score"


def _lines(events: Iterator[dict[str, Any]], user: User, wants_usage: bool) -> Iterator[str]:
    """Pass a stream on, counting what it used; one that breaks off says so in its last event."""
    last: Any = None
    try:
        for event in events:
            last = event
            if event.get("choices") or wants_usage:
                yield f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
    except UpstreamGone as error:
        said = {"message": str(error), "type": "server_error", "param": None, "code": "model_not_available"}
        yield f"data: {json.dumps({'error': said}, ensure_ascii=False)}\n\n"
    finally:
        events.close()  # type: ignore[attr-defined]
        _note(user, last)
    yield "data: [DONE]\n\n"


def _as_moderations(name: str, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    results = [
        {
            "flagged": bool(verdict.flagged),
            "categories": {key: key in verdict.flagged for key in (*OPENAI, *_beside(verdict))},
            "category_scores": {key: verdict.scores.get(key, 0.0) for key in (*OPENAI, *_beside(verdict))},
            "not_judged": [key for key in OPENAI if key not in verdict.scores],
        }
        for verdict in verdicts
    ]
    return {"id": f"modr-{secrets.token_hex(12)}", "model": name, "results": results}


def _beside(verdict: Verdict) -> list[str]:
    return [key for key in verdict.scores if key not in OPENAI]


def _note(user: User, body: Any) -> None:
    usage = body.get("usage") if isinstance(body, dict) else None
    tokens = usage.get("total_tokens") if isinstance(usage, dict) else None
    if isinstance(tokens, int) and tokens > 0:
        limits.note_tokens(user_id=user.pk, tokens=tokens, now=timezone.now())


def _passed_back(reply: Reply) -> Response:
    headers = {name: value for name, value in reply.headers.items() if name.lower() == "retry-after"}
    return Response(reply.body, reply.status, headers=headers)


urlpatterns = [
    path("models", Models.as_view()),
    path("chat/completions", ChatCompletions.as_view()),
    path("completions", Completions.as_view()),
    path("moderations", Moderations.as_view()),
    path("score", Scores.as_view()),
]
