"""The road from raw text to an assistant: where a project stands, what is next, and all of it walked at once."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import polled, project_where, row_for, user_of
from annotation.api.curves import CurveFoundOut
from annotation.api.work_shapes import Named
from annotation.durable import JobState
from annotation.registry.models import TrainingRun
from annotation.road import actions, jobs, queries
from annotation.road.models import Walk
from annotation.road.stations import Do, Station
from annotation.tasks.jobs import count_project
from annotation.tasks.overview import take_hint

STATIONS = [(one.value, one.name) for one in Station]


class NeedOut(serializers.Serializer[Any]):
    unit = serializers.ChoiceField(choices=["characters", "demonstrations", "completions", "prompts", "labels"])
    low = serializers.IntegerField()
    high = serializers.IntegerField(allow_null=True)


class RoadAgreementOut(serializers.Serializer[Any]):
    tasks = serializers.IntegerField()
    agreement = serializers.FloatField(allow_null=True)
    agreement_low = serializers.FloatField(allow_null=True)
    agreement_high = serializers.FloatField(allow_null=True)
    is_measured = serializers.BooleanField(help_text="Whether enough tasks have several answers to say anything.")


class HeadlineOut(serializers.Serializer[Any]):
    name = serializers.ChoiceField(choices=["bits_per_character", "loss", "accuracy", "reward", "auprc"])
    value = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    before = serializers.FloatField(allow_null=True, help_text="The same of what it started from.")


class CeilingOut(serializers.Serializer[Any]):
    agreement = serializers.FloatField()
    low = serializers.FloatField(allow_null=True, default=None)
    high = serializers.FloatField(allow_null=True, default=None)
    tasks = serializers.IntegerField(default=0)


class RoadModelOut(Named):
    deployable = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class RoadRunOut(serializers.ModelSerializer[TrainingRun]):
    class Meta:
        model = TrainingRun
        fields = ("id", "stage", "state", "progress_done", "progress_total", "eta_seconds", "error")


class StepOut(serializers.Serializer[Any]):
    do = serializers.ChoiceField(choices=[one.value for one in Do])
    target = serializers.IntegerField(allow_null=True, help_text="The release, run or model that is meant.")
    station = serializers.ChoiceField(choices=STATIONS, allow_null=True)
    is_order = serializers.BooleanField(help_text="Whether it is done by asking for it.")


class StandOut(serializers.Serializer[Any]):
    station = serializers.ChoiceField(choices=STATIONS)
    need = NeedOut(allow_null=True)
    have = serializers.IntegerField(allow_null=True)
    accepted = serializers.FloatField(allow_null=True, help_text="Share of the answers that a reviewer has accepted.")
    agreement = RoadAgreementOut(allow_null=True)
    model = RoadModelOut(allow_null=True)
    stale_model = Named(allow_null=True, help_text="The newest, where it learned from words taken back.")
    stale_because = serializers.CharField()
    headline = HeadlineOut(allow_null=True)
    ceiling = CeilingOut(allow_null=True, help_text="How far people agree with each other.")
    curve = serializers.SerializerMethodField()
    run = RoadRunOut(allow_null=True, help_text="The newest.")
    people_seconds = serializers.FloatField()
    machine_seconds = serializers.FloatField()
    first = serializers.ListField(
        source="facts.missing",
        child=serializers.ChoiceField(choices=STATIONS),
        help_text="Stations to be passed first.",
    )
    is_up = serializers.BooleanField(help_text="Whether a model of the station is kept answering.")
    step = StepOut()

    @extend_schema_field(CurveFoundOut(allow_null=True))
    def get_curve(self, stand: queries.Stand) -> Any:
        return CurveFoundOut(stand.curve).data if stand.curve else None


class WalkOut(serializers.ModelSerializer[Walk]):
    release = Named(allow_null=True)
    release_state = serializers.SerializerMethodField()
    runs = serializers.SerializerMethodField()
    stages = serializers.SerializerMethodField(help_text="What a walk trains, in order.")

    class Meta:
        model = Walk
        fields = ("id", "state", "said", "release", "release_state", "runs", "stages", "created_at", "finished_at")

    @extend_schema_field(serializers.ChoiceField(choices=JobState.choices, allow_null=True))
    def get_release_state(self, walk: Walk) -> str | None:
        return walk.release.state if walk.release else None

    @extend_schema_field(RoadRunOut(many=True))
    def get_runs(self, walk: Walk) -> Any:
        return RoadRunOut(queries.runs_of_walk(walk), many=True).data

    def get_stages(self, walk: Walk) -> list[str]:
        return [str(stage) for stage in actions.WALKED]


class RoadOut(serializers.Serializer[Any]):
    stands = StandOut(many=True)
    walk = WalkOut(allow_null=True, help_text="The newest walk along the whole road.")
    counted_at = serializers.DateTimeField(allow_null=True, help_text="When the data was counted; null: now.")


class TakenOut(serializers.Serializer[Any]):
    class JobOut(serializers.Serializer[Any]):
        kind = serializers.ChoiceField(choices=["release", "run", "curve"])
        id = serializers.IntegerField()

    jobs = JobOut(many=True)


@polled
class Road(APIView):
    @extend_schema(responses=RoadOut)
    def get(self, request: Request, project: int) -> Response:
        row = project_where(request, project, "view_run")
        now = timezone.now()
        found = queries.road_of(row, now=now)
        if found.is_due and take_hint(project=row, now=now):
            transaction.on_commit(partial(count_project.delay, project_id=row.pk))
        return Response(RoadOut(found).data)


class TakeStep(APIView):
    class Input(serializers.Serializer[Any]):
        do = serializers.ChoiceField(choices=[one.value for one in Do])
        target = serializers.IntegerField(allow_null=True)

    @extend_schema(request=Input, responses={202: TakenOut})
    def post(self, request: Request, project: int, station: str) -> Response:
        """Do what the page said was next; 409 where something else is by now."""
        row = project_where(request, project, "start_run")
        asked = self.Input(data=request.data)
        asked.is_valid(raise_exception=True)
        ordered = actions.take_step(
            project=row, station=station, actor=user_of(request), now=timezone.now(), **asked.validated_data
        )
        jobs.enqueue(ordered)
        return Response(TakenOut({"jobs": [{"kind": kind, "id": pk} for kind, pk in ordered]}).data, 202)


class Walks(APIView):
    @extend_schema(request=None, responses={202: WalkOut})
    def post(self, request: Request, project: int) -> Response:
        """Freeze, train every stage with tiny presets, and bring assistant and filter up; minutes on two processors."""
        row = project_where(request, project, "start_run")
        walk = actions.start_walk(project=row, actor=user_of(request), now=timezone.now())
        jobs.walk_on.delay_on_commit(walk_id=walk.pk)
        return Response(WalkOut(walk).data, 202)


class CancelWalk(APIView):
    @extend_schema(request=None, responses=WalkOut)
    def post(self, request: Request, project: int, pk: int) -> Response:
        row = project_where(request, project, "start_run")
        walk = row_for(queries.walks_of(row), pk=pk)
        actions.cancel_walk(walk=walk, actor=user_of(request), now=timezone.now())
        return Response(WalkOut(row_for(queries.walks_of(row), pk=pk)).data)


urlpatterns = [
    path("projects/<int:project>/road/", Road.as_view()),
    path("projects/<int:project>/road/<str:station>/step/", TakeStep.as_view()),
    path("projects/<int:project>/walks/", Walks.as_view()),
    path("projects/<int:project>/walks/<int:pk>/cancel/", CancelWalk.as_view()),
]
