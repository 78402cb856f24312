"""Tasks, for those who run a project."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import choice_in, number_in, project_for, project_where, row_for, user_of
from annotation.projects.protocol import KINDS
from annotation.tasks import actions, queries
from annotation.tasks.briefs import open_briefs
from annotation.tasks.models import Task, TaskState

_PROMPTS_AT_ONCE = 1000
_BRIEFS_AT_ONCE = 100


class TaskOut(serializers.ModelSerializer[Task]):
    class ProtocolOut(serializers.Serializer[Any]):
        id = serializers.IntegerField()
        name = serializers.CharField()
        kind = serializers.ChoiceField(choices=list(KINDS))

    class BriefOut(serializers.Serializer[Any]):
        """What a prompt is to be written for, where the work is to write one."""

        style = serializers.CharField()
        text = serializers.CharField()
        use_case = serializers.CharField()

    protocol = ProtocolOut()
    brief = serializers.SerializerMethodField()
    excerpt = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields = (
            "id", "protocol", "prompt_id", "brief", "excerpt", "state", "required_answers", "answers_count",
            "claims_count", "priority", "language", "team", "assigned_to", "created_at", "closed_at",
        )  # fmt: skip

    @extend_schema_field(BriefOut(allow_null=True))
    def get_brief(self, task: Task) -> dict[str, str] | None:
        return {"style": "", "text": "", "use_case": "", **task.brief} if task.brief else None

    def get_excerpt(self, task: Task) -> str:
        said = task.prompt.messages[-1]["content"] if task.prompt else task.brief.get("text", "")
        return str(said)[:200]


class Tasks(ListAPIView[Task]):
    serializer_class = TaskOut

    class Input(serializers.Serializer[Any]):
        class Brief(serializers.Serializer[Any]):
            style = serializers.CharField(required=False)
            text = serializers.CharField(required=False, allow_blank=True)
            use_case = serializers.CharField(required=False, allow_blank=True)

        protocol = serializers.IntegerField()
        prompts = serializers.ListField(
            child=serializers.IntegerField(), min_length=1, max_length=_PROMPTS_AT_ONCE, required=False
        )
        briefs = serializers.ListField(
            child=Brief(), min_length=1, max_length=_BRIEFS_AT_ONCE, required=False,
            help_text="In place of prompts, where the work is to write them.",
        )  # fmt: skip
        copies = serializers.IntegerField(required=False, help_text="How many tasks there are to be for each brief.")
        language = serializers.CharField(required=False, max_length=16, help_text="Of the prompts to be written.")
        required_answers = serializers.IntegerField(required=False, min_value=1, max_value=100)
        priority = serializers.IntegerField(required=False, min_value=-1000, max_value=1000)

        def validate(self, fields: Any) -> Any:
            if ("prompts" in fields) == ("briefs" in fields):
                raise serializers.ValidationError({"prompts": "give prompts or briefs, and not both"})
            if "prompts" in fields and (extra := {"copies", "language"} & set(fields)):
                raise serializers.ValidationError({sorted(extra)[0]: "is for briefs: prompts have their own"})
            return fields

    class Output(serializers.Serializer[Any]):
        opened = serializers.IntegerField()
        already_there = serializers.IntegerField()

    def get_queryset(self) -> Any:
        project = project_where(self.request, self.kwargs["project"], "view_prompts")
        state = choice_in(self.request, "state", TaskState.values)
        protocol = number_in(self.request, "protocol")
        return queries.tasks_of(project, user_of(self.request), state=state, protocol=protocol)

    @extend_schema(
        parameters=[OpenApiParameter("state", str, enum=TaskState.values), OpenApiParameter("protocol", int)]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(request=Input, responses={201: Output})
    def post(self, request: Request, project: int) -> Response:
        """Open tasks for prompts, with the completions these have; or for briefs, where prompts are to be written."""
        parent = project_for(request, project)
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        fields = given.validated_data
        protocol = row_for(parent.protocols.select_related("project"), pk=fields.pop("protocol"))
        shared = {"protocol": protocol, "actor": user_of(request), "now": timezone.now()}
        if "briefs" in fields:
            return Response(open_briefs(**shared, **fields), 201)
        counts = actions.open_tasks_for(prompt_ids=fields.pop("prompts"), **shared, **fields)
        return Response(counts, 201)


class CancelTask(APIView):
    @extend_schema(request=None, responses=TaskOut)
    def post(self, request: Request, project: int, pk: int) -> Response:
        parent = project_where(request, project, "manage_tasks")
        task = row_for(queries.tasks_of(parent, user_of(request)).select_related("protocol__project"), pk=pk)
        actions.cancel_task(task=task, actor=user_of(request), now=timezone.now())
        task.refresh_from_db()
        return Response(TaskOut(task).data)
