"""Advice while somebody writes. It stores nothing and stands in nobody's way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from annotation.api.access import row_for, user_of
from annotation.api.idempotency import Repeat
from annotation.assignment.models import Claim
from annotation.assignment.queries import claims_of, completions_of
from annotation.projects.permissions import require_somewhere
from annotation.tasks.lint import RULES, Advice, Context, Shown, advise

TEXT_LENGTH = 20_000
# Of what is shown, as much as an answer could copy.
SHOWN_LENGTH = 50_000


class LintOut(serializers.Serializer[Any]):
    class AdviceOut(serializers.Serializer[Any]):
        rule = serializers.ChoiceField(choices=list(RULES))
        message = serializers.CharField()
        start = serializers.IntegerField(help_text="In UTF-16 code units, as JavaScript counts.")
        end = serializers.IntegerField()
        values = serializers.DictField(child=serializers.CharField(), help_text="For a message in another language.")

    advice = AdviceOut(many=True)


class Lint(APIView):
    on_repeat = Repeat.RUN
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "lint"

    class Input(serializers.Serializer[Any]):
        text = serializers.CharField(allow_blank=True, max_length=TEXT_LENGTH, trim_whitespace=False)
        claim = serializers.UUIDField(required=False, help_text="What it is written for: its prompt and completions.")
        edit_of = serializers.CharField(
            required=False, default="", allow_blank=True, max_length=10, help_text="The label of a completion it edits."
        )
        language = serializers.CharField(required=False, default="", allow_blank=True, max_length=16)

    @extend_schema(request=Input, responses=LintOut)
    def post(self, request: Request) -> Response:
        """Say what the author of a text may want to look at again: it may be handed in all the same."""
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        text, language, user = given.validated_data["text"], given.validated_data["language"], user_of(request)
        if pk := given.validated_data.get("claim"):
            claim = row_for(claims_of(user), pk=pk)
            context = _context(claim, language, given.validated_data["edit_of"])
        else:
            require_somewhere(user, "do_work")
            context = Context(language=language)
        return Response(LintOut({"advice": [_shown(advice, text) for advice in advise(text, context)]}).data)


def _context(claim: Claim, language: str, edit_of: str) -> Context:
    """Return what a claim shows. Whoever edits a completion begins with its text: that is no copy."""
    shown = [Shown("prompt", text[:SHOWN_LENGTH]) for text in _prompt_of(claim)]
    shown += [Shown(label, text[:SHOWN_LENGTH]) for label, text in completions_of(claim) if label != edit_of]
    prompt = claim.task.prompt
    return Context(shown, language or claim.task.language or (prompt.language if prompt else ""))


def _prompt_of(claim: Claim) -> Iterator[str]:
    if claim.task.prompt is None:
        yield str(claim.task.brief.get("text", ""))
    else:
        yield from (message["content"] for message in claim.task.prompt.messages)


def _shown(advice: Advice, text: str) -> dict[str, Any]:
    def units(end: int) -> int:
        return len(text[:end].encode("utf-16-le")) // 2

    place = {"start": units(advice.start), "end": units(advice.end)}
    return {"rule": advice.rule, "message": advice.message, **place, "values": advice.values}
