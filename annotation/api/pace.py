"""My own pace. There is no address for anybody else's."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import number_in, user_of
from annotation.assignment.pace import pace_of


class PaceOut(serializers.Serializer[Any]):
    class DayOut(serializers.Serializer[Any]):
        date = serializers.DateField()
        answers = serializers.IntegerField()
        seconds = serializers.FloatField(help_text="At the desk, without idle time.")
        answers_per_hour = serializers.FloatField(allow_null=True)

    today = DayOut()
    days = DayOut(many=True, help_text="The last days, today last.")
    usual_answers = serializers.FloatField(allow_null=True, help_text="The median of my earlier days.")
    usual_per_hour = serializers.FloatField(allow_null=True)


class Pace(APIView):
    @extend_schema(parameters=[OpenApiParameter("protocol", int)], responses=PaceOut)
    def get(self, request: Request) -> Response:
        pace = pace_of(user_of(request), now=timezone.now(), protocol=number_in(request, "protocol"))
        return Response(PaceOut(pace).data)
