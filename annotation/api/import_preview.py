"""The beginning of an uploaded file as its annotators will see it."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.imports import import_for
from annotation.api.prompts import MessageShape
from annotation.intake.preview import preview
from annotation.intake.rows import DOCUMENT, Skipped
from annotation.intake.rows import KINDS as ROW_KINDS
from annotation.projects.protocol import KINDS


class LeftOutShape(serializers.Serializer[Any]):
    """A row turned away; of one that was skipped there is no more to say than where and why."""

    line = serializers.IntegerField()
    is_skipped = serializers.SerializerMethodField()
    field = serializers.CharField(default="")
    reason = serializers.CharField()
    message = serializers.CharField(default="")
    excerpt = serializers.CharField(default="")

    def get_is_skipped(self, row: object) -> bool:
        return isinstance(row, Skipped)


class PreviewOut(serializers.Serializer[Any]):
    class Table(serializers.Serializer[Any]):
        names = serializers.ListField(child=serializers.CharField())
        rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
        delimiter = serializers.CharField()

    class Shown(serializers.Serializer[Any]):
        class Plan(serializers.Serializer[Any]):
            id = serializers.IntegerField(source="protocol_id", allow_null=True)
            kind = serializers.ChoiceField(choices=list(KINDS))
            name = serializers.CharField()
            config = serializers.DictField(child=serializers.JSONField())

        class Completion(serializers.Serializer[Any]):
            label = serializers.CharField()
            text = serializers.CharField()

        class Answer(serializers.Serializer[Any]):
            completion = serializers.CharField()
            text = serializers.CharField(help_text="Of a document, as far as it is shown.")
            tiers = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
            all_bad = serializers.BooleanField()
            labels = serializers.ListField(child=serializers.CharField())
            rationale = serializers.CharField()

        line = serializers.IntegerField()
        kind = serializers.ChoiceField(choices=(*ROW_KINDS, DOCUMENT))
        protocol = Plan(source="plan", allow_null=True, help_text="Its id is empty for one that the import would make.")
        messages = MessageShape(many=True)
        completions = Completion(many=True)
        answer = Answer()
        annotator = serializers.CharField()
        source = serializers.CharField()
        language = serializers.CharField()
        tags = serializers.ListField(child=serializers.CharField())

    format = serializers.CharField(help_text="By which it was read; empty where it is none that is known.")
    table = Table(allow_null=True)
    rows = Shown(many=True)
    left_out = LeftOutShape(many=True)
    counts = serializers.DictField(child=serializers.IntegerField())
    is_whole = serializers.BooleanField(help_text="Whether the file ends here.")
    error = serializers.CharField()


class PreviewImport(APIView):
    @extend_schema(responses=PreviewOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        """Read the beginning of the file, and show its rows as their annotators will see them."""
        return Response(PreviewOut(preview(import_for(request, project, pk), now=timezone.now())).data)


urlpatterns = [path("projects/<int:project>/imports/<int:pk>/preview/", PreviewImport.as_view())]
