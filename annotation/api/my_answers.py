"""The annotator's own answers, as their author saw them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api.access import choice_in, user_of
from annotation.api.prompts import MessageShape
from annotation.api.work_shapes import Named
from annotation.assignment import queries
from annotation.projects.protocol import KINDS
from annotation.tasks.answers import to_labels
from annotation.tasks.models import Answer, AnswerState


class MyAnswerOut(serializers.ModelSerializer[Answer]):
    project = Named(source="task.protocol.project")
    protocol = Named(source="task.protocol")
    kind = serializers.ChoiceField(choices=list(KINDS), source="task.protocol.kind")
    messages = MessageShape(many=True, source="task.prompt.messages", default=[])
    payload = serializers.SerializerMethodField()
    is_withdrawn = serializers.BooleanField(source="is_hidden", help_text="Taken back: its words are left out.")

    class Meta:
        model = Answer
        fields = (
            "id", "project", "protocol", "kind", "messages", "submitted_at", "is_spare", "seconds", "payload", "state",
            "review_note", "frozen_at", "is_withdrawn",
        )  # fmt: skip

    def to_representation(self, answer: Answer) -> Any:
        return super().to_representation(answer) | ({"messages": []} if answer.is_hidden else {})

    @extend_schema_field(serializers.DictField())
    def get_payload(self, answer: Answer) -> Any:
        return {} if answer.is_hidden else to_labels(answer.task.protocol.kind, answer.payload, answer.shown_order)


class MyAnswers(ListAPIView[Answer]):
    serializer_class = MyAnswerOut

    def get_queryset(self) -> Any:
        state = choice_in(self.request, "state", AnswerState.values)
        rows = queries.answers_of(user_of(self.request))
        return rows.filter(state=state) if state else rows

    @extend_schema(parameters=[OpenApiParameter("state", str, enum=AnswerState.values)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
