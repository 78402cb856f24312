"""Training runs: ordered from a release, watched live, cancelled, tried again."""

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
from annotation.api.work_shapes import Named
from annotation.registry import actions, jobs, queries
from annotation.registry.models import Stage, TrainingRun


class StartShape(serializers.Serializer[Any]):
    """A preset trained from scratch, a model of this project, or a folder in MODELS_ROOT; one of the three."""

    preset = serializers.CharField(required=False)
    base = serializers.CharField(required=False)
    model = serializers.IntegerField(required=False)
    name = serializers.CharField(read_only=True, help_text="The model's.")


@extend_schema_field(StartShape)
class StartField(serializers.JSONField):
    """Any JSON object: the action says what is wrong with it."""


class RunOut(serializers.ModelSerializer[TrainingRun]):
    release = Named()
    start = serializers.SerializerMethodField()
    judge = Named(source="judge_model", allow_null=True)
    gold = Named(source="gold_model", allow_null=True)
    config = serializers.DictField()
    counts = serializers.DictField(help_text="Rows in, used and truncated, and left out by reason.")
    model = serializers.SerializerMethodField()
    created_by = Named()

    class Meta:
        model = TrainingRun
        fields = (
            "id", "stage", "state", "release", "start", "judge", "gold", "config", "counts", "progress_done",
            "progress_total", "tokens_per_second", "eta_seconds", "error", "attempt", "created_at", "started_at",
            "finished_at", "model", "created_by",
        )  # fmt: skip

    @extend_schema_field(StartShape)
    def get_start(self, run: TrainingRun) -> Any:
        if run.start_base:
            return {"base": run.start_base}
        if run.start_model is None:
            return {"preset": run.start_preset}
        return {"model": run.start_model.pk, "name": run.start_model.name}

    @extend_schema_field(Named(allow_null=True))
    def get_model(self, run: TrainingRun) -> Any:
        model = getattr(run, "model", None)
        return Named(model).data if model else None


class OrderIn(serializers.Serializer[Any]):
    release = serializers.IntegerField(source="release_id")
    stage = serializers.ChoiceField(choices=Stage.choices)
    start = StartField()
    config = serializers.DictField(default=dict)
    judge = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="A reward model: says which look of an SFT run is kept, and what answers are worth in an RL run.",
    )


class RunIn(OrderIn):
    gold = serializers.IntegerField(
        required=False, allow_null=True, help_text="A reward model that an RL run is watched by and never learns from."
    )


class OptionsOut(serializers.Serializer[Any]):
    class StageOut(serializers.Serializer[Any]):
        class FieldOut(serializers.Serializer[Any]):
            name = serializers.CharField()
            type = serializers.ChoiceField(choices=["integer", "number", "text", "boolean"])
            optional = serializers.BooleanField(help_text="Whether null is a value.")
            default = serializers.JSONField(allow_null=True)
            minimum = serializers.FloatField(allow_null=True)
            maximum = serializers.FloatField(allow_null=True)
            choices = serializers.ListField(child=serializers.CharField(), allow_null=True, help_text="Of a text.")
            help = serializers.CharField()

        class PresetOut(serializers.Serializer[Any]):
            name = serializers.CharField()
            parameters = serializers.IntegerField()
            help = serializers.CharField()

        stage = serializers.ChoiceField(choices=Stage.choices)
        fields_ = FieldOut(many=True)
        presets = PresetOut(many=True)

        def get_fields(self) -> Any:
            """`fields` is the name in the API, and a property of every serializer."""
            declared = super().get_fields()
            declared["fields"] = declared.pop("fields_")
            return declared

    class StartModel(Named):
        deployable = serializers.BooleanField(help_text="Whether it answers people, and so can be refined.")

    class InstallOut(serializers.Serializer[Any]):
        state = serializers.CharField()
        percent = serializers.IntegerField()
        message = serializers.CharField()

    stages = StageOut(many=True)
    start_models = StartModel(many=True)
    judge_models = Named(many=True)
    base_models = serializers.ListField(child=serializers.CharField(), help_text="Folders in MODELS_ROOT.")
    training_installed = InstallOut()


class MetricsOut(serializers.Serializer[Any]):
    class Point(serializers.Serializer[Any]):
        id = serializers.IntegerField()
        step = serializers.IntegerField()
        split = serializers.CharField()
        values = serializers.DictField(child=serializers.FloatField(allow_null=True))

    points = Point(many=True)


class SamplesOut(serializers.Serializer[Any]):
    class Sample(serializers.Serializer[Any]):
        step = serializers.IntegerField()
        prompt = serializers.CharField()
        text = serializers.CharField(trim_whitespace=False)
        values = serializers.DictField(child=serializers.FloatField(allow_null=True))

    samples = Sample(many=True)


class LogOut(serializers.Serializer[Any]):
    class Line(serializers.Serializer[Any]):
        id = serializers.IntegerField()
        at = serializers.DateTimeField()
        level = serializers.CharField()
        message = serializers.CharField()

    lines = Line(many=True)


_AFTER = OpenApiParameter("after", int, description="Only what is newer than this id.")


class Runs(ListAPIView[TrainingRun]):
    serializer_class = RunOut

    def get_queryset(self) -> Any:
        return _runs(self.request, self.kwargs["project"])

    @extend_schema(request=RunIn, responses={202: RunOut})
    def post(self, request: Request, project: int) -> Response:
        row = project_where(request, project, "start_run")
        given = RunIn(data=request.data)
        given.is_valid(raise_exception=True)
        run = actions.request_run(project=row, actor=user_of(request), now=timezone.now(), **given.validated_data)
        jobs.execute_run.delay_on_commit(run_id=run.pk)
        return Response(RunOut(run).data, 202)


class Options(APIView):
    @extend_schema(responses=OptionsOut)
    def get(self, request: Request, project: int) -> Response:
        row = project_where(request, project, "view_run")
        return Response(OptionsOut(queries.run_options(row, user_of(request))).data)


@polled
class RunDetail(APIView):
    @extend_schema(responses=RunOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        return Response(RunOut(_run_for(request, project, pk)).data)


@polled
class Metrics(APIView):
    @extend_schema(parameters=[_AFTER], responses=MetricsOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        """At most a thousand points, oldest first: ask again with the last id."""
        points = queries.metrics_after(_run_for(request, project, pk), number_in(request, "after") or 0)
        return Response(MetricsOut({"points": points}).data)


@polled
class Log(APIView):
    @extend_schema(parameters=[_AFTER], responses=LogOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        """At most a thousand lines, oldest first: ask again with the last id."""
        lines = queries.log_after(_run_for(request, project, pk), number_in(request, "after") or 0)
        return Response(LogOut({"lines": lines}).data)


@polled
class Samples(APIView):
    @extend_schema(responses=SamplesOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        """What the model wrote on the way, by step: the first draw from a fixed seed, nothing picked."""
        samples = queries.samples_of(_run_for(request, project, pk))
        return Response(SamplesOut({"samples": samples}).data)


class Cancel(APIView):
    @extend_schema(request=None, responses=RunOut)
    def post(self, request: Request, project: int, pk: int) -> Response:
        run = _run_for(request, project, pk)
        actions.cancel_run(run=run, actor=user_of(request), now=timezone.now())
        return Response(RunOut(_run_for(request, project, pk)).data)


class Retry(APIView):
    @extend_schema(request=None, responses={202: RunOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        run = _run_for(request, project, pk)
        actions.retry_run(run=run, actor=user_of(request), now=timezone.now())
        jobs.execute_run.delay_on_commit(run_id=run.pk)
        return Response(RunOut(_run_for(request, project, pk)).data, 202)


def _runs(request: Request, project: int) -> Any:
    row = project_where(request, project, "view_run")
    return queries.runs_of(row, user_of(request))


def _run_for(request: Request, project: int, pk: int) -> TrainingRun:
    return row_for(_runs(request, project), pk=pk)


urlpatterns = [
    path("projects/<int:project>/runs/", Runs.as_view()),
    path("projects/<int:project>/runs/options/", Options.as_view()),
    path("projects/<int:project>/runs/<int:pk>/", RunDetail.as_view()),
    path("projects/<int:project>/runs/<int:pk>/metrics/", Metrics.as_view()),
    path("projects/<int:project>/runs/<int:pk>/log/", Log.as_view()),
    path("projects/<int:project>/runs/<int:pk>/samples/", Samples.as_view()),
    path("projects/<int:project>/runs/<int:pk>/cancel/", Cancel.as_view()),
    path("projects/<int:project>/runs/<int:pk>/retry/", Retry.as_view()),
]
