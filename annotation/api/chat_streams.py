"""Answers as they are written: server-sent events. While one goes out no connection to the database is held."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from itertools import count
from random import SystemRandom
from typing import Any

from django.conf import settings
from django.http import StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from annotation.api.access import row_for, user_of
from annotation.api.chat import conversation_for, turn_for
from annotation.api.downloads import AnyKind
from annotation.api.idempotency import Repeat
from annotation.chat import actions, answering, queries, two_answers
from annotation.chat.actions import TooManyAnswers
from annotation.chat.models import Conversation, Turn
from annotation.database.lending import give_back

# Each answer keeps a thread of this process while it is written; the other half is for everybody else.
AT_ONCE = max(2, settings.WEB_THREADS // 2)
EVENTS = OpenApiResponse(
    OpenApiTypes.STR,
    description=(
        "Events, each `data: {json}`: `said` when the filter let the words in, `answering`, `piece` with `text` that "
        "was checked, and at the end `done`, `refused` with `side` and `categories`, or `failed` with `error`. Where "
        "it is answered twice, `choice` with the turns `left` and `right` comes first, what follows has its `place`, "
        "and the last is `choose`, or `settled` where there is nothing to choose."
    ),
)

_under_way: set[int] = set()
_numbers = count()


class Messages(APIView):
    on_repeat = Repeat.RUN
    content_negotiation_class = AnyKind

    class Input(serializers.Serializer[Any]):
        text = serializers.CharField(trim_whitespace=False)
        parent = serializers.IntegerField(
            required=False, allow_null=True, help_text="The answer that this replies to; none at the beginning."
        )

    @extend_schema(request=Input, responses={(200, "text/event-stream"): EVENTS})
    def post(self, request: Request, project: int, pk: int) -> StreamingHttpResponse:
        """Say something and be answered. Beside what was said there before, it is an edit."""
        conversation = conversation_for(request, project, pk)
        asked = self.Input(data=request.data)
        asked.is_valid(raise_exception=True)
        text, parent = asked.validated_data["text"], asked.validated_data.get("parent")
        above = row_for(queries.turns_of(conversation), pk=parent) if parent is not None else None
        _require_room()
        turn = actions.say(
            conversation=conversation, parent=above, text=text, actor=user_of(request), now=timezone.now()
        )
        return _streamed(conversation, turn, may_be_two=True)


class Regenerate(APIView):
    on_repeat = Repeat.RUN
    content_negotiation_class = AnyKind

    @extend_schema(request=None, responses={(200, "text/event-stream"): EVENTS})
    def post(self, request: Request, project: int, pk: int, turn: int) -> StreamingHttpResponse:
        """Have it answered once more, beside the first answer."""
        row = turn_for(request, project, pk, turn)
        _require_room()
        said = actions.try_again(turn=row, actor=user_of(request), now=timezone.now())
        return _streamed(row.conversation, said, may_be_two=False)


def _require_room() -> None:
    if len(_under_way) >= AT_ONCE:
        raise TooManyAnswers("Too many answers are being written at this moment. Try again in a few seconds.")


def _streamed(conversation: Conversation, turn: Turn, *, may_be_two: bool) -> StreamingHttpResponse:
    exchange = two_answers.exchange_for(
        conversation=conversation, turn=turn, random=SystemRandom(), clock=timezone.now, may_be_two=may_be_two
    )
    answer = StreamingHttpResponse(_lines(exchange.events()), content_type="text/event-stream")
    answer["Cache-Control"] = "no-store"
    # A proxy that collects what comes would make a stream into a wait.
    answer["X-Accel-Buffering"] = "no"
    return answer


def _lines(events: Generator[answering.Event, None, None]) -> Iterator[str]:
    number = next(_numbers)
    _under_way.add(number)
    give_back()
    try:
        for event in events:
            yield f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
    finally:
        events.close()
        _under_way.discard(number)


_ONE = "projects/<int:project>/conversations/<int:pk>/"
urlpatterns = [
    path(f"{_ONE}messages/", Messages.as_view()),
    path(f"{_ONE}turns/<int:turn>/regenerate/", Regenerate.as_view()),
]
