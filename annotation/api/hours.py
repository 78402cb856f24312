"""Active hours of a project's people: everybody's for its managers, one's own for the others."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_for, user_of
from annotation.api.csv_file import csv_file
from annotation.assignment.hours import Worked, hours_by_day, hours_by_person
from annotation.projects.models import Project
from annotation.projects.permissions import can

DAYS_MOST = 366
_DAYS_SHOWN = 30
_WITHIN_REASON = (MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31)))
_COLUMNS = ("date", "person", "email", "protocol", "answers", "skips", "active_seconds", "active_hours")
_RANGE = [
    OpenApiParameter("from", date, description=f"The first day; {_DAYS_SHOWN} days until `to` if left out."),
    OpenApiParameter("to", date, description="The last day, which counts too; today if left out."),
]


class DaysIn(serializers.Serializer[Any]):
    # Written out: `from` is a word of the language.
    def get_fields(self) -> Any:
        return {name: serializers.DateField(required=False, validators=_WITHIN_REASON) for name in ("from", "to")}

    def validate(self, given: Any) -> Any:
        last: date = given.get("to") or timezone.localdate()
        first: date = given.get("from") or last - timedelta(days=_DAYS_SHOWN - 1)
        if first > last:
            raise ValidationError({"from": "must not be after the last day"})
        if (last - first).days >= DAYS_MOST:
            raise ValidationError({"from": f"at most {DAYS_MOST} days at once"})
        return {"first": first, "last": last}


class HoursOut(serializers.Serializer[Any]):
    class PersonOut(serializers.Serializer[Any]):
        id = serializers.IntegerField()
        name = serializers.CharField()
        answers = serializers.IntegerField()
        skips = serializers.IntegerField()
        seconds = serializers.FloatField(help_text="At the desk, without idle time.")

    first = serializers.DateField()
    last = serializers.DateField()
    people = PersonOut(many=True)


class Hours(APIView):
    @extend_schema(parameters=_RANGE, responses=HoursOut)
    def get(self, request: Request, project: int) -> Response:
        row = project_for(request, project)
        days = _days(request)
        people = hours_by_person(row, **days, person=_only(request, row))
        return Response(HoursOut({**days, "people": people}).data)


class HoursTable(APIView):
    @extend_schema(parameters=_RANGE, responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, project: int) -> StreamingHttpResponse:
        """Send one line for each person, day and protocol."""
        row = project_for(request, project)
        days = _days(request)
        worked = hours_by_day(row, **days, person=_only(request, row))
        return csv_file(f"hours-{row.pk}-{days['first']}-{days['last']}.csv", _COLUMNS, map(_line, worked))


def _days(request: Request) -> dict[str, date]:
    given = DaysIn(data=request.query_params)
    given.is_valid(raise_exception=True)
    return given.validated_data


def _line(worked: Worked) -> tuple[Any, ...]:
    """Return the values of _COLUMNS."""
    named = (worked.day, worked.name, worked.email, worked.protocol, worked.answers, worked.skips)
    return (*named, round(worked.seconds, 1), round(worked.seconds / 3600, 2))


def _only(request: Request, project: Project) -> Any:
    """Return whose hours the person may see: their own, or None where they may see everybody's."""
    user = user_of(request)
    return None if can(user, "view_hours", project) else user
