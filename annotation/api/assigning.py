"""Whom tasks are for: assigned by hand, by the thousand, and taken back."""

from __future__ import annotations

from typing import Any, TypeVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_where, row_for, user_of
from annotation.projects.models import Protocol
from annotation.tasks import assigning

_TASKS_AT_ONCE = 1_000


class ChosenTasks(serializers.Serializer[Any]):
    """Which open tasks of a protocol: what is left out chooses among all of them."""

    protocol = serializers.IntegerField()
    tasks = serializers.ListField(
        child=serializers.IntegerField(), min_length=1, max_length=_TASKS_AT_ONCE, required=False
    )
    language = serializers.CharField(max_length=16, required=False)
    tag = serializers.CharField(max_length=60, required=False)
    text = serializers.CharField(max_length=200, required=False)
    count = serializers.IntegerField(
        min_value=1, max_value=10**9, required=False, help_text="The first so many in the order of the queue."
    )

    def chosen(self) -> assigning.Chosen:
        given = self.validated_data
        narrowed = {name: given[name] for name in ("language", "tag", "text", "count") if name in given}
        return assigning.Chosen(ids=given.get("tasks", ()), **narrowed)


ChosenT = TypeVar("ChosenT", bound=ChosenTasks)


class AssignedOut(serializers.Serializer[Any]):
    tasks = serializers.IntegerField()
    own_texts = serializers.IntegerField(help_text="Tasks that hold words of somebody they are now for.")


class Assign(APIView):
    class Input(ChosenTasks):
        people = serializers.ListField(
            child=serializers.IntegerField(), max_length=assigning.MOST_PEOPLE, required=False
        )
        team = serializers.CharField(max_length=60, required=False)
        each = serializers.ChoiceField(choices=assigning.EACH, default="all")

    @extend_schema(request=Input, responses=AssignedOut)
    def post(self, request: Request, project: int) -> Response:
        """Say that open tasks are for these people or this team, and nobody else."""
        given, protocol = _given(self.Input, request, project)
        changed = assigning.assign_tasks(
            protocol=protocol,
            actor=user_of(request),
            chosen=given.chosen(),
            people=given.validated_data.get("people", ()),
            team=given.validated_data.get("team", ""),
            each=given.validated_data["each"],
        )
        return Response(AssignedOut(changed).data)


class Unassign(APIView):
    @extend_schema(request=ChosenTasks, responses=AssignedOut)
    def post(self, request: Request, project: int) -> Response:
        """Say that open tasks are for everybody again."""
        given, protocol = _given(ChosenTasks, request, project)
        changed = assigning.unassign_tasks(protocol=protocol, actor=user_of(request), chosen=given.chosen())
        return Response(AssignedOut(changed).data)


def _given(shape: type[ChosenT], request: Request, project: int) -> tuple[ChosenT, Protocol]:
    parent = project_where(request, project, "manage_tasks")
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return given, row_for(parent.protocols.select_related("project"), pk=given.validated_data["protocol"])


urlpatterns = [
    path("projects/<int:project>/tasks/assign/", Assign.as_view()),
    path("projects/<int:project>/tasks/unassign/", Unassign.as_view()),
]
