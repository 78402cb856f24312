"""What taught a model what it said in a conversation: for whoever it was said to."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import row_for, user_of
from annotation.api.chat import chat_project
from annotation.api.work_shapes import Named
from annotation.chat import queries
from annotation.chat.models import TurnRole
from annotation.registry import nearest
from annotation.registry.queries import version_of


class NearOut(serializers.Serializer[Any]):
    answer = serializers.IntegerField()
    release = Named()
    prompt = serializers.CharField(trim_whitespace=False)
    text = serializers.CharField(trim_whitespace=False)
    shared = serializers.ListField(child=serializers.CharField(), help_text="Words that both have, the longest first.")


class TaughtOut(serializers.Serializer[Any]):
    model = Named()
    answers = serializers.IntegerField(help_text="In the releases that it learned to answer from.")
    people = serializers.IntegerField()
    may_read = serializers.BooleanField(help_text="Whether the reader may see those releases, and so their words.")
    searched = serializers.IntegerField(help_text="Ideal answers that were looked through, the newest first.")
    nearest = NearOut(many=True)


class Taught(APIView):
    @extend_schema(responses=TaughtOut)
    def get(self, request: Request, project: int, pk: int, turn: int) -> Response:
        """The ideal answers nearest to what a model said; who may not read releases learns how many there were."""
        row, reader = chat_project(request, project), user_of(request)
        conversation = row_for(queries.conversations_of(row, reader), pk=pk)
        said = row_for(queries.turns_of(conversation).filter(role=TurnRole.ASSISTANT), pk=turn)
        model = None if getattr(said, "is_blind", False) else version_of(row, said.model_sha256)
        if model is None:
            raise Http404
        return Response(TaughtOut(nearest.taught(model, said.text, reader)).data)


urlpatterns = [
    path("projects/<int:project>/conversations/<int:pk>/turns/<int:turn>/taught/", Taught.as_view()),
]
