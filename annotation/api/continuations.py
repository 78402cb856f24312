"""The playground of a foundation model: a text to go on from, and what the model wrote."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import polled, project_where, row_for, user_of
from annotation.api.model_versions import model_for
from annotation.api.work_shapes import Named
from annotation.registry import continuations, jobs, queries
from annotation.registry.models import Continuation


class ContinuationOut(serializers.ModelSerializer[Continuation]):
    class Sampling(serializers.Serializer[Any]):
        temperature = serializers.FloatField()
        top_p = serializers.FloatField()
        max_new_tokens = serializers.IntegerField()
        seed = serializers.IntegerField()

    model = Named()
    sampling = Sampling()
    created_by = Named()

    class Meta:
        model = Continuation
        fields = (
            "id", "model", "state", "prompt", "sampling", "text", "progress_done", "progress_total", "error",
            "created_at", "finished_at", "created_by",
        )  # fmt: skip


class ContinuationIn(serializers.Serializer[Any]):
    prompt = serializers.CharField(trim_whitespace=False)
    temperature = serializers.FloatField(required=False)
    top_p = serializers.FloatField(required=False)
    max_new_tokens = serializers.IntegerField(required=False)
    seed = serializers.IntegerField(required=False)


class Continuations(ListAPIView[Continuation]):
    serializer_class = ContinuationOut

    def get_queryset(self) -> Any:
        model = model_for(self.request, self.kwargs["project"], self.kwargs["pk"])
        return queries.continuations_of(model.project, user_of(self.request)).filter(model=model)

    @extend_schema(request=ContinuationIn, responses={202: ContinuationOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        model = model_for(request, project, pk)
        given = ContinuationIn(data=request.data)
        given.is_valid(raise_exception=True)
        sampling = dict(given.validated_data)
        row = continuations.request_continuation(
            model=model, actor=user_of(request), prompt=sampling.pop("prompt"), sampling=sampling, now=timezone.now()
        )
        jobs.write_continuation.delay_on_commit(continuation_id=row.pk)
        return Response(ContinuationOut(row).data, 202)


@polled
class ContinuationDetail(APIView):
    @extend_schema(responses=ContinuationOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        return Response(ContinuationOut(_continuation(request, project, pk)).data)


class CancelContinuation(APIView):
    @extend_schema(request=None, responses=ContinuationOut)
    def post(self, request: Request, project: int, pk: int) -> Response:
        row = _continuation(request, project, pk)
        continuations.cancel_continuation(continuation=row, actor=user_of(request), now=timezone.now())
        return Response(ContinuationOut(_continuation(request, project, pk)).data)


def _continuation(request: Request, project: int, pk: int) -> Continuation:
    row = project_where(request, project, "view_run")
    found: Continuation = row_for(queries.continuations_of(row, user_of(request)), pk=pk)
    return found


urlpatterns = [
    path("projects/<int:project>/models/<int:pk>/continuations/", Continuations.as_view()),
    path("projects/<int:project>/continuations/<int:pk>/", ContinuationDetail.as_view()),
    path("projects/<int:project>/continuations/<int:pk>/cancel/", CancelContinuation.as_view()),
]
