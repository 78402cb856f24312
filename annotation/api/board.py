"""The live board of a project, for those who run it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import polled, project_where
from annotation.api.work_shapes import Named
from annotation.assignment.board import board_of
from annotation.projects.models import ProtocolState
from annotation.projects.protocol import KINDS


class LineOut(serializers.Serializer[Any]):
    language = serializers.CharField(help_text="Empty for prompts without a language, and in a total.")
    open = serializers.IntegerField()
    done = serializers.IntegerField()
    missing = serializers.IntegerField(help_text="Answers that open tasks still want.")
    in_flight = serializers.IntegerField(help_text="Claims that somebody holds now.")
    expiring = serializers.IntegerField(help_text="Those of them that nobody has renewed in time.")
    answers_by_hour = serializers.ListField(child=serializers.IntegerField(), help_text="Oldest first, until now.")
    answers_per_hour = serializers.FloatField(allow_null=True)
    seconds_left = serializers.FloatField(allow_null=True)


class BoardOut(serializers.Serializer[Any]):
    class RowOut(serializers.Serializer[Any]):
        class ProtocolOut(Named):
            kind = serializers.ChoiceField(choices=list(KINDS))
            state = serializers.ChoiceField(choices=ProtocolState.choices)

        protocol = ProtocolOut()
        total = LineOut()
        languages = LineOut(many=True)

    class HeldOut(serializers.Serializer[Any]):
        id = serializers.UUIDField()
        person = Named()
        protocol = serializers.IntegerField()
        task = serializers.IntegerField()
        language = serializers.CharField()
        excerpt = serializers.CharField()
        created_at = serializers.DateTimeField()
        shown_at = serializers.DateTimeField(allow_null=True, help_text="Empty while only fetched ahead.")
        seen_at = serializers.DateTimeField(allow_null=True, help_text="The last sign of life from the person's page.")
        expires_at = serializers.DateTimeField()
        is_expiring = serializers.BooleanField()

    protocols = RowOut(many=True)
    claims = HeldOut(many=True)


@polled
class Board(APIView):
    @extend_schema(responses=BoardOut)
    def get(self, request: Request, project: int) -> Response:
        row = project_where(request, project, "view_board")
        return Response(BoardOut(board_of(row, now=timezone.now())).data)
