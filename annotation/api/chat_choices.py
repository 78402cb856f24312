"""Two answers to choose from: how often they are asked for, and what a person chooses."""

from __future__ import annotations

from random import SystemRandom
from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import user_of
from annotation.api.chat import chat_project, setup_for, turn_for, whole
from annotation.api.chat_shapes import ChatSetupOut, ConversationDetailOut
from annotation.chat import choosing
from annotation.projects.permissions import require
from annotation.registry.models import Served


class TwoAnswers(APIView):
    class Input(serializers.Serializer[Any]):
        share = serializers.FloatField(min_value=0, max_value=1, help_text="Of turns answered twice; 0 is never.")
        second = serializers.IntegerField(allow_null=True, help_text="Null: the conversation's own model once more.")

    @extend_schema(request=Input, responses=ChatSetupOut)
    def put(self, request: Request, project: int) -> Response:
        """Say how often people get two answers to choose from, and from whom the other one comes."""
        row = chat_project(request, project)
        require(user_of(request), "ask_for_two_answers", row)
        asked = self.Input(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data["second"]
        second = None if wanted is None else Served.objects.filter(project=row, pk=wanted).first()
        if wanted is not None and second is None:
            raise serializers.ValidationError({"second": "is no model that this project serves"})
        share = asked.validated_data["share"]
        choosing.ask_for_two(project=row, share=share, second=second, actor=user_of(request), now=timezone.now())
        return Response(setup_for(request, row))


class ChooseTurn(APIView):
    class Input(serializers.Serializer[Any]):
        payload = serializers.DictField(help_text="A comparison of c1, left, and c2, right, as its protocol wants it.")
        continue_with = serializers.ChoiceField(
            choices=["c1", "c2"], allow_null=True, default=None, help_text="Where neither is better: null is by chance."
        )
        seconds = serializers.FloatField(min_value=0, default=0, help_text="Active seconds spent on it.")

    @extend_schema(request=Input, responses=ConversationDetailOut)
    def post(self, request: Request, project: int, pk: int, turn: int) -> Response:
        """Choose between the two answers to what was said: the one chosen goes on."""
        row = turn_for(request, project, pk, turn)
        asked = self.Input(data=request.data)
        asked.is_valid(raise_exception=True)
        choosing.choose(
            turn=row, actor=user_of(request), now=timezone.now(), random=SystemRandom(), **asked.validated_data
        )
        return Response(whole(request, project, pk))


urlpatterns = [
    path("projects/<int:project>/chat/two-answers/", TwoAnswers.as_view()),
    path("projects/<int:project>/conversations/<int:pk>/turns/<int:turn>/choose/", ChooseTurn.as_view()),
]
