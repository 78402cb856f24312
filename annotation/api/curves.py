"""Learning curves: ordered like a run, watched as they grow, cancelled, tried again."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import number_in, polled, project_where, row_for, user_of
from annotation.api.runs import OrderIn
from annotation.api.work_shapes import Named
from annotation.registry import curves, jobs, queries
from annotation.registry.models import LearningCurve


class CurveFoundOut(serializers.Serializer[Any]):
    class CurvePoint(serializers.Serializer[Any]):
        share = serializers.FloatField()
        judgements = serializers.IntegerField()
        value = serializers.FloatField()
        error = serializers.FloatField(allow_null=True, help_text="Standard error; null where nobody knows.")
        runs = serializers.IntegerField()

    class CurveFit(serializers.Serializer[Any]):
        """value = at_one + slope · ln(judgements)"""

        at_one = serializers.FloatField()
        slope = serializers.FloatField()

    class CurveForecast(serializers.Serializer[Any]):
        more = serializers.IntegerField()
        gain = serializers.FloatField()
        low = serializers.FloatField()
        high = serializers.FloatField()

    measure = serializers.ChoiceField(choices=["accuracy", "loss"])
    better = serializers.ChoiceField(choices=["higher", "lower"])
    points = CurvePoint(many=True)
    fit = CurveFit(allow_null=True)
    forecast = CurveForecast(allow_null=True)


class CurveOut(serializers.ModelSerializer[LearningCurve]):
    release = Named()
    created_by = Named()
    found = serializers.SerializerMethodField()

    class Meta:
        model = LearningCurve
        fields = (
            "id", "release", "stage", "state", "seeds", "progress_done", "progress_total", "found", "error",
            "created_at", "finished_at", "created_by",
        )  # fmt: skip

    @extend_schema_field(CurveFoundOut(allow_null=True))
    def get_found(self, row: LearningCurve) -> Any:
        return CurveFoundOut(row.found).data if row.found else None


class CurveIn(OrderIn):
    seeds = serializers.IntegerField(default=1, help_text="Trainings of each share.")


class Curves(ListAPIView[LearningCurve]):
    serializer_class = CurveOut

    def get_queryset(self) -> Any:
        row = project_where(self.request, self.kwargs["project"], "view_run")
        found = queries.curves_of(row, user_of(self.request))
        release = number_in(self.request, "release")
        return found if release is None else found.filter(release=release)

    @extend_schema(parameters=[OpenApiParameter("release", int, description="Only curves of this release.")])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(request=CurveIn, responses={202: CurveOut})
    def post(self, request: Request, project: int) -> Response:
        """Trains an eighth, a quarter, a half and all of the data; nothing of it is kept but the figures."""
        row = project_where(request, project, "start_run")
        given = CurveIn(data=request.data)
        given.is_valid(raise_exception=True)
        curve = curves.request_curve(project=row, actor=user_of(request), now=timezone.now(), **given.validated_data)
        jobs.train_curve.delay_on_commit(curve_id=curve.pk)
        return Response(CurveOut(curve).data, 202)


@polled
class CurveDetail(APIView):
    @extend_schema(responses=CurveOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        return Response(CurveOut(_curve(request, project, pk)).data)


class CancelCurve(APIView):
    @extend_schema(request=None, responses=CurveOut)
    def post(self, request: Request, project: int, pk: int) -> Response:
        curves.cancel_curve(curve=_curve(request, project, pk), actor=user_of(request), now=timezone.now())
        return Response(CurveOut(_curve(request, project, pk)).data)


class RetryCurve(APIView):
    @extend_schema(request=None, responses={202: CurveOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        """Goes on where it was: what was trained is not trained again."""
        curve = _curve(request, project, pk)
        curves.retry_curve(curve=curve, actor=user_of(request), now=timezone.now())
        jobs.train_curve.delay_on_commit(curve_id=curve.pk)
        return Response(CurveOut(_curve(request, project, pk)).data, 202)


def _curve(request: Request, project: int, pk: int) -> LearningCurve:
    row = project_where(request, project, "view_run")
    found: LearningCurve = row_for(queries.curves_of(row, user_of(request)), pk=pk)
    return found


urlpatterns = [
    path("projects/<int:project>/learning-curves/", Curves.as_view()),
    path("projects/<int:project>/learning-curves/<int:pk>/", CurveDetail.as_view()),
    path("projects/<int:project>/learning-curves/<int:pk>/cancel/", CancelCurve.as_view()),
    path("projects/<int:project>/learning-curves/<int:pk>/retry/", RetryCurve.as_view()),
]
