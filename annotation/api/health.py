"""Is the process alive, and can it work?"""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.celery import app

_WORD = serializers.CharField()


class Live(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=inline_serializer("Live", {"status": _WORD}), auth=[])
    def get(self, request: Request) -> Response:
        """Answer as long as the process runs, whatever else is down."""
        return Response({"status": "ok"})


class Ready(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        responses={code: inline_serializer(f"Ready{code}", {"database": _WORD, "queue": _WORD}) for code in (200, 503)},
        auth=[],
    )
    def get(self, request: Request) -> Response:
        """Answer 200 when database and queue answer, else 503 with which of them does not."""
        report = {"database": _word(_ask_database), "queue": _word(_ask_queue)}
        return Response(report, 200 if set(report.values()) == {"ok"} else 503)


def _word(ask: Callable[[], None]) -> str:
    try:
        ask()
    # Whatever the driver or the broker raises means the same here: it does not answer.
    except Exception as error:
        return f"down: {type(error).__name__}"
    return "ok"


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_queue() -> None:
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
