"""Strike all of one person's work at once, and take such a strike back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import number_in, project_where, row_for, user_of
from annotation.api.answers import midnight
from annotation.api.work_shapes import Named
from annotation.people.models import Withdrawal
from annotation.projects.models import Project
from annotation.quality import actions, queries
from annotation.registry import withdrawals


class Strikes(APIView):
    class Input(serializers.Serializer[Any]):
        annotator = serializers.IntegerField()
        protocol = serializers.IntegerField(required=False, allow_null=True)
        since = serializers.DateField(required=False, allow_null=True, help_text="The first day, in UTC.")
        reason = serializers.CharField(required=False, allow_blank=True, max_length=actions.REASON_CHARACTERS)

    class Output(serializers.Serializer[Any]):
        answers = serializers.IntegerField()

    @extend_schema(
        parameters=[
            OpenApiParameter("annotator", int, required=True),
            OpenApiParameter("protocol", int),
            OpenApiParameter("since", date),
        ],
        responses=Output,
    )
    def get(self, request: Request, project: int) -> Response:
        """Count what striking one person's work would strike."""
        asked = {
            name: value for name in ("annotator", "protocol", "since") if (value := request.query_params.get(name))
        }
        work, _ = self._work(request, project, asked)
        return Response({"answers": queries.work_of(**work).count()})

    @extend_schema(request=Input, responses=Output)
    def post(self, request: Request, project: int) -> Response:
        """Strike all of one person's work, in one protocol or since a day."""
        work, reason = self._work(request, project, request.data)
        struck = withdrawals.strike_out(actor=user_of(request), now=timezone.now(), reason=reason, **work)
        return Response({"answers": struck})

    def _work(self, request: Request, project: int, asked: Any) -> tuple[dict[str, Any], str]:
        """Return whose work is meant, and why."""
        parent = _reviewed(request, project)
        given = self.Input(data=asked)
        given.is_valid(raise_exception=True)
        fields = given.validated_data
        protocol, since = fields.get("protocol"), fields.get("since")
        work = {
            "project": parent,
            "annotator": row_for(queries.people_of(parent), pk=fields["annotator"]),
            "protocol": row_for(parent.protocols.all(), pk=protocol) if protocol is not None else None,
            "since": midnight(since) if since else None,
        }
        return work, fields.get("reason", "")


class StrikeOut(serializers.ModelSerializer[Withdrawal]):
    person = Named()
    actor = Named()
    left = serializers.IntegerField(help_text="How many of its answers are struck still.")

    class Meta:
        model = Withdrawal
        fields = ("id", "person", "actor", "reason", "answers", "left", "created_at")


class StrikesMade(APIView):
    class Output(serializers.Serializer[Any]):
        results = StrikeOut(many=True)

    @extend_schema(parameters=[OpenApiParameter("annotator", int)], responses=Output)
    def get(self, request: Request, project: int) -> Response:
        """List the latest strikes of one person's work, or anybody's, that can be taken back, newest first."""
        parent = _reviewed(request, project)
        made = withdrawals.strikes_in(parent, person=number_in(request, "annotator"))
        return Response(self.Output({"results": made}).data)


class UndoStrike(APIView):
    @extend_schema(request=None, responses=Strikes.Output)
    def post(self, request: Request, project: int, pk: int) -> Response:
        """Take a strike of one person's work back: what is struck of it still counts again, or is a spare."""
        parent = _reviewed(request, project)
        strike = row_for(Withdrawal.objects.filter(project_ref=parent.pk, kind="strike"), pk=pk)
        restored = withdrawals.undo_strike(project=parent, strike=strike, actor=user_of(request), now=timezone.now())
        return Response({"answers": restored})


def _reviewed(request: Request, pk: int) -> Project:
    return project_where(request, pk, "review_answers")


urlpatterns = [
    path("projects/<int:project>/answers/strikes/", Strikes.as_view()),
    path("projects/<int:project>/strikes/", StrikesMade.as_view()),
    path("projects/<int:project>/strikes/<int:pk>/undo/", UndoStrike.as_view()),
]
