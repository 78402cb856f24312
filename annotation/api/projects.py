"""Projects, their members, protocols and guidelines."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_for, project_where, row_for, user_of
from annotation.projects import actions, membership, queries
from annotation.projects.models import Membership, Project, Role
from annotation.projects.permissions import require, verbs_with
from annotation.projects.protocol import KINDS
from annotation.tasks.jobs import count_project
from annotation.tasks.overview import overview_of, take_hint


class ProjectOut(serializers.ModelSerializer[Project]):
    my_role = serializers.ChoiceField(choices=Role.choices, allow_null=True)
    permissions = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = ("id", "name", "description", "created_at", "archived_at", "my_role", "permissions")

    def get_permissions(self, project: Any) -> list[str]:
        is_archived = project.archived_at is not None
        return sorted(verbs_with(user_of(self.context["request"]), project.my_role, is_archived=is_archived))


class ProjectIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    description = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class Projects(ListAPIView[Project]):
    serializer_class = ProjectOut

    def get_queryset(self) -> Any:
        return queries.projects_of(user_of(self.request))

    @extend_schema(request=ProjectIn, responses={201: ProjectOut})
    def post(self, request: Request) -> Response:
        given = ProjectIn(data=request.data)
        given.is_valid(raise_exception=True)
        project = actions.create_project(actor=user_of(request), now=timezone.now(), **given.validated_data)
        return Response(_project_body(request, project.pk), 201)


class ProjectDetail(APIView):
    @extend_schema(responses=ProjectOut)
    def get(self, request: Request, project: int) -> Response:
        return Response(_project_body(request, project))

    @extend_schema(request=ProjectIn(partial=True), responses=ProjectOut)
    def patch(self, request: Request, project: int) -> Response:
        row = project_for(request, project)
        given = ProjectIn(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        actions.change_project(project=row, actor=user_of(request), **given.validated_data)
        return Response(_project_body(request, project))


class ArchiveProject(APIView):
    @extend_schema(request=None, responses=ProjectOut)
    def post(self, request: Request, project: int) -> Response:
        """Keep the project to be read: nothing is handed out from it, and nothing in it changes."""
        row = project_for(request, project)
        actions.archive_project(project=row, actor=user_of(request), now=timezone.now())
        return Response(_project_body(request, project))


class UnarchiveProject(APIView):
    @extend_schema(request=None, responses=ProjectOut)
    def post(self, request: Request, project: int) -> Response:
        actions.unarchive_project(project=project_for(request, project), actor=user_of(request))
        return Response(_project_body(request, project))


class ProgressOut(serializers.Serializer[Any]):
    class ProtocolProgress(serializers.Serializer[Any]):
        class Day(serializers.Serializer[Any]):
            date = serializers.DateField()
            count = serializers.IntegerField()

        id = serializers.IntegerField()
        name = serializers.CharField()
        kind = serializers.ChoiceField(choices=list(KINDS))
        tasks_open = serializers.IntegerField()
        tasks_closed = serializers.IntegerField()
        tasks_total = serializers.IntegerField()
        answers = serializers.IntegerField()
        answers_today = serializers.IntegerField()
        answers_per_day = Day(many=True)

    class Splits(serializers.Serializer[Any]):
        train = serializers.IntegerField()
        validation = serializers.IntegerField()
        test = serializers.IntegerField()

    prompts = serializers.IntegerField()
    completions = serializers.IntegerField()
    answers = serializers.IntegerField()
    people = serializers.IntegerField()
    protocols = ProtocolProgress(many=True)
    splits = Splits(help_text="Prompts on each side of the split.")
    counted_at = serializers.DateTimeField(
        allow_null=True, help_text="When all but the tasks was counted, in a large project; null for just now."
    )


class Progress(APIView):
    @extend_schema(responses=ProgressOut)
    def get(self, request: Request, project: int) -> Response:
        row, now = project_for(request, project), timezone.now()
        require(user_of(request), "view_prompts", row)
        found = overview_of(row, now=now)
        if found.is_due and take_hint(project=row, now=now):
            transaction.on_commit(partial(count_project.delay, project_id=row.pk))
        return Response(ProgressOut(found.shown).data)


class MemberOut(serializers.ModelSerializer[Membership]):
    class UserOut(serializers.Serializer[Any]):
        id = serializers.IntegerField()
        name = serializers.CharField()
        email = serializers.EmailField()

    user = UserOut()

    class Meta:
        model = Membership
        fields = ("id", "user", "role", "qualifications", "languages", "team", "joined_at")


class Members(ListAPIView[Membership]):
    serializer_class = MemberOut

    def get_queryset(self) -> Any:
        project = project_where(self.request, self.kwargs["project"], "manage_members")
        return project.memberships.select_related("user")


class Member(APIView):
    class Input(serializers.Serializer[Any]):
        role = serializers.ChoiceField(choices=Role.choices, required=False)
        qualifications = serializers.ListField(child=serializers.CharField(max_length=60), required=False)
        languages = serializers.ListField(child=serializers.CharField(), required=False)
        team = serializers.CharField(required=False, allow_blank=True)

    @extend_schema(request=Input, responses=MemberOut)
    def patch(self, request: Request, project: int, pk: int) -> Response:
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        row = membership.change_member(
            membership=self._row(request, project, pk), actor=user_of(request), **given.validated_data
        )
        return Response(MemberOut(row).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, project: int, pk: int) -> Response:
        membership.remove_member(membership=self._row(request, project, pk), actor=user_of(request))
        return Response(status=204)

    def _row(self, request: Request, project: int, pk: int) -> Membership:
        parent = project_where(request, project, "manage_members")
        return row_for(parent.memberships.select_related("project", "user"), pk=pk)


def _project_body(request: Request, pk: int) -> Any:
    project = row_for(queries.projects_of(user_of(request)), pk=pk)
    return ProjectOut(project, context={"request": request}).data
