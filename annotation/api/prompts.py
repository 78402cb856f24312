"""Prompts with their completions, for those who run a project. Annotators read work through their claims alone."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import choice_in, project_for, project_where, row_for, user_of
from annotation.tasks import actions, queries
from annotation.tasks.messages import ROLES
from annotation.tasks.models import Completion, Prompt, Split


class MessageShape(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=ROLES)
    content = serializers.CharField(trim_whitespace=False)


class CompletionOut(serializers.ModelSerializer[Completion]):
    class Meta:
        model = Completion
        fields = ("id", "text", "source_kind", "source_label", "created_at")


class PromptOut(serializers.ModelSerializer[Prompt]):
    messages = MessageShape(many=True)
    split = serializers.ChoiceField(choices=Split.choices, source="group.split")

    class Meta:
        model = Prompt
        fields = ("id", "messages", "split", "language", "tags", "source_kind", "source_label", "created_at")


class PromptDetailOut(PromptOut):
    completions = CompletionOut(many=True)
    answers_count = serializers.IntegerField()

    class Meta(PromptOut.Meta):
        fields = (*PromptOut.Meta.fields, "completions", "answers_count")


class Prompts(ListAPIView[Prompt]):
    serializer_class = PromptOut

    class Input(serializers.Serializer[Any]):
        messages = MessageShape(many=True, required=False)
        text = serializers.CharField(
            required=False, trim_whitespace=False, help_text="Short for one message of the user."
        )
        language = serializers.CharField(required=False, max_length=16)
        protocol = serializers.IntegerField(required=False, help_text="Open a task for it in this protocol.")

    def get_queryset(self) -> Any:
        project = project_where(self.request, self.kwargs["project"], "view_prompts")
        text, split = self.request.query_params.get("q", ""), choice_in(self.request, "split", Split.values)
        return queries.prompts_of(project, user_of(self.request), text=text.replace("\x00", ""), split=split)

    @extend_schema(parameters=[OpenApiParameter("q", str), OpenApiParameter("split", str, enum=Split.values)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(request=Input, responses={201: PromptOut, 200: PromptOut})
    def post(self, request: Request, project: int) -> Response:
        """Add a prompt; 200 with the one that is there when the project has its text already."""
        parent = project_for(request, project)
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        fields = given.validated_data
        protocol = fields.get("protocol") and row_for(parent.protocols.all(), pk=fields["protocol"])
        prompt, created = actions.write_prompt(
            project=parent,
            messages=fields.get("messages") or [{"role": "user", "content": fields.get("text", "")}],
            actor=user_of(request),
            language=fields.get("language", ""),
            protocol=protocol or None,
            now=timezone.now(),
        )
        return Response(PromptOut(prompt).data, 201 if created else 200)


class PromptDetail(APIView):
    @extend_schema(responses=PromptDetailOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        parent = project_where(request, project, "view_prompts")
        return Response(PromptDetailOut(row_for(queries.prompts_in_full(parent, user_of(request)), pk=pk)).data)
