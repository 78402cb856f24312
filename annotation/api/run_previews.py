"""What a run would learn, before it is ordered: its rows token by token, and what is left out, by reason."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import polled, project_where, row_for, user_of
from annotation.api.runs import OrderIn
from annotation.registry import jobs, previews, queries
from annotation.registry.models import RunPreview


class SplitSum(serializers.Serializer[Any]):
    class Counts(serializers.Serializer[Any]):
        rows_in = serializers.IntegerField()
        rows_used = serializers.IntegerField()
        left_out = serializers.DictField(child=serializers.IntegerField(), help_text="By reason.")
        truncated = serializers.IntegerField()
        pairs = serializers.DictField(child=serializers.IntegerField(), help_text="Used, tied and identical.")

    class Length(serializers.Serializer[Any]):
        to = serializers.IntegerField(help_text="Most tokens of the rows counted here.")
        rows = serializers.IntegerField()

    counts = Counts()
    repeated = serializers.IntegerField(help_text="Rows that read as an earlier one.")
    longer_preferred = serializers.FloatField(allow_null=True, help_text="Share of pairs, of a reward model alone.")
    rows = serializers.IntegerField()
    tokens = serializers.IntegerField()
    trained_tokens = serializers.IntegerField()
    longest = serializers.IntegerField()
    median = serializers.IntegerField()
    lengths = Length(many=True)


class FoundOut(serializers.Serializer[Any]):
    class Splits(serializers.Serializer[Any]):
        train = SplitSum()
        validation = SplitSum()
        test = SplitSum()

    class Warning(serializers.Serializer[Any]):
        warning = serializers.ChoiceField(
            choices=[
                "nothing_to_learn", "left_out", "truncated", "repeated", "tied", "identical", "longer_preferred",
                "no_validation", "no_test",
            ]
        )  # fmt: skip
        number = serializers.IntegerField()
        of = serializers.IntegerField()

    class Row(serializers.Serializer[Any]):
        class Part(serializers.Serializer[Any]):
            class TokenRun(serializers.Serializer[Any]):
                state = serializers.ChoiceField(choices=["read", "learned", "scored", "cut"])
                tokens = serializers.ListField(child=serializers.CharField(trim_whitespace=False))
                hidden = serializers.IntegerField(help_text="Tokens of a long run that are not shown.")
                hidden_at = serializers.IntegerField(help_text="The place in `tokens` where they are.")

            kind = serializers.ChoiceField(choices=["text", "prompt", "completion"])
            runs = TokenRun(many=True)

        tokens = serializers.IntegerField()
        trained_tokens = serializers.IntegerField()
        parts = Part(many=True)
        pairs = serializers.ListField(
            child=serializers.ListField(child=serializers.IntegerField()), help_text="(better, worse), from 0."
        )

    class Judging(serializers.Serializer[Any]):
        """What it costs that a reward model chooses among the looks of an SFT run."""

        looks = serializers.IntegerField()
        answers = serializers.IntegerField(help_text="At each look.")
        tokens = serializers.IntegerField(help_text="Of all answers, at most.")

    vocabulary = serializers.IntegerField()
    judging = Judging(required=False, allow_null=True)
    splits = Splits()
    warnings = Warning(many=True)
    rows = Row(many=True)


class RunPreviewOut(serializers.ModelSerializer[RunPreview]):
    found = serializers.SerializerMethodField()

    class Meta:
        model = RunPreview
        fields = ("id", "stage", "state", "found", "error", "created_at", "finished_at")

    @extend_schema_field(FoundOut(allow_null=True))
    def get_found(self, row: RunPreview) -> Any:
        return row.found or None


class RunPreviews(APIView):
    @extend_schema(request=OrderIn, responses={202: RunPreviewOut})
    def post(self, request: Request, project: int) -> Response:
        """Takes what a run is ordered with. A preview is kept for a day."""
        row = project_where(request, project, "start_run")
        given = OrderIn(data=request.data)
        given.is_valid(raise_exception=True)
        preview = previews.request_preview(
            project=row, actor=user_of(request), now=timezone.now(), **given.validated_data
        )
        jobs.call_for_preview(preview_id=preview.pk)
        return Response(RunPreviewOut(preview).data, 202)


@polled
class RunPreviewDetail(APIView):
    @extend_schema(responses=RunPreviewOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        row = project_where(request, project, "view_run")
        return Response(RunPreviewOut(row_for(queries.previews_of(row, user_of(request)), pk=pk)).data)


urlpatterns = [
    path("projects/<int:project>/run-previews/", RunPreviews.as_view()),
    path("projects/<int:project>/run-previews/<int:pk>/", RunPreviewDetail.as_view()),
]
