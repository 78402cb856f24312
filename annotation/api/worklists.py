"""Worklists of a reward model: labels it doubts, and pairs its members dispute."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import polled, project_where, row_for, user_of
from annotation.api.comparisons import RateOut
from annotation.api.model_versions import model_for
from annotation.api.work_shapes import Named
from annotation.quality.selecting import CHOSEN, CONTROL
from annotation.registry import jobs, worklist_results, worklists
from annotation.registry.models import Worklist, WorklistKind


class WorklistOut(serializers.ModelSerializer[Worklist]):
    class WorklistCounts(serializers.Serializer[Any]):
        candidates = serializers.IntegerField(default=0, help_text="Pairs that were scored.")
        tasks = serializers.IntegerField(default=0)

    model = Named()
    protocol = Named()
    pairs = serializers.IntegerField(source="wanted")
    judges = serializers.IntegerField(source="required_answers")
    counts = WorklistCounts()
    created_by = Named()

    class Meta:
        model = Worklist
        fields = (
            "id", "model", "kind", "protocol", "state", "pairs", "judges", "control_share", "counts", "progress_done",
            "progress_total", "error", "created_at", "finished_at", "created_by",
        )  # fmt: skip


class ArmOut(serializers.Serializer[Any]):
    name = serializers.ChoiceField(choices=[CHOSEN, CONTROL])
    tasks = serializers.IntegerField()
    done = serializers.IntegerField(help_text="Tasks with all their answers.")
    sided = RateOut(allow_null=True, help_text="How often people prefer what the model likes, ties half.")


class WorklistDetailOut(WorklistOut):
    arms = serializers.SerializerMethodField()

    class Meta(WorklistOut.Meta):
        fields = (*WorklistOut.Meta.fields, "arms")

    @extend_schema_field(ArmOut(many=True))
    def get_arms(self, worklist: Worklist) -> Any:
        return ArmOut(worklist_results.arms_of(worklist), many=True).data


class WorklistIn(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=WorklistKind.choices)
    pairs = serializers.IntegerField(default=50)
    judges = serializers.IntegerField(default=2)
    control_share = serializers.FloatField(default=0.2, help_text="Of pairs to collect: how many are drawn by lot.")


class Worklists(ListAPIView[Worklist]):
    serializer_class = WorklistOut

    def get_queryset(self) -> Any:
        model = model_for(self.request, self.kwargs["project"], self.kwargs["pk"])
        return worklist_results.worklists_of(model.project, user_of(self.request)).filter(model=model).order_by("-pk")

    @extend_schema(request=WorklistIn, responses={202: WorklistOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        model = model_for(request, project, pk)
        given = WorklistIn(data=request.data)
        given.is_valid(raise_exception=True)
        row = worklists.request_worklist(
            model=model, actor=user_of(request), now=timezone.now(), **given.validated_data
        )
        jobs.fill_worklist.delay_on_commit(worklist_id=row.pk)
        return Response(WorklistOut(row).data, 202)


@polled
class WorklistDetail(APIView):
    @extend_schema(responses=WorklistDetailOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        return Response(WorklistDetailOut(_worklist(request, project, pk)).data)


class CancelWorklist(APIView):
    @extend_schema(request=None, responses=WorklistOut)
    def post(self, request: Request, project: int, pk: int) -> Response:
        row = _worklist(request, project, pk)
        worklists.cancel_worklist(worklist=row, actor=user_of(request), now=timezone.now())
        return Response(WorklistOut(_worklist(request, project, pk)).data)


class RetryWorklist(APIView):
    @extend_schema(request=None, responses={202: WorklistOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        row = _worklist(request, project, pk)
        worklists.retry_worklist(worklist=row, actor=user_of(request), now=timezone.now())
        jobs.fill_worklist.delay_on_commit(worklist_id=row.pk)
        return Response(WorklistOut(_worklist(request, project, pk)).data, 202)


def _worklist(request: Request, project: int, pk: int) -> Worklist:
    row = project_where(request, project, "view_run")
    found: Worklist = row_for(worklist_results.worklists_of(row, user_of(request)), pk=pk)
    return found


urlpatterns = [
    path("projects/<int:project>/models/<int:pk>/worklists/", Worklists.as_view()),
    path("projects/<int:project>/worklists/<int:pk>/", WorklistDetail.as_view()),
    path("projects/<int:project>/worklists/<int:pk>/cancel/", CancelWorklist.as_view()),
    path("projects/<int:project>/worklists/<int:pk>/retry/", RetryWorklist.as_view()),
]
