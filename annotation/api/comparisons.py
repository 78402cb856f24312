"""People compare a refined model with the one before it, blind; and whether it has to wait for what they say."""

from __future__ import annotations

from dataclasses import asdict
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
from annotation.registry import comparison_results, comparisons, deploying, jobs
from annotation.registry.models import ModelComparison


class ComparisonOut(serializers.ModelSerializer[ModelComparison]):
    class ComparisonCounts(serializers.Serializer[Any]):
        tasks = serializers.IntegerField(default=0)
        same = serializers.IntegerField(default=0, help_text="Prompts that both answered alike: nobody is asked.")
        empty = serializers.IntegerField(default=0, help_text="Prompts that one of them left without an answer.")

    model = Named()
    baseline = Named()
    protocol = Named()
    prompts = serializers.SerializerMethodField(help_text="How many prompts were drawn.")
    judges = serializers.IntegerField(source="required_answers", help_text="How many people judge each pair.")
    sampling = serializers.DictField()
    counts = ComparisonCounts()
    created_by = Named()

    class Meta:
        model = ModelComparison
        fields = (
            "id", "model", "baseline", "protocol", "state", "prompts", "judges", "sampling", "counts", "progress_done",
            "progress_total", "error", "created_at", "finished_at", "created_by",
        )  # fmt: skip

    def get_prompts(self, comparison: ModelComparison) -> int:
        return len(comparison.prompts)


class ComparisonIn(serializers.Serializer[Any]):
    prompts = serializers.IntegerField(default=50, help_text="Held-out prompts of the model's release, drawn by lot.")
    judges = serializers.IntegerField(default=2, help_text="People who judge each pair.")
    temperature = serializers.FloatField(required=False)
    top_p = serializers.FloatField(required=False)
    max_new_tokens = serializers.IntegerField(required=False)
    seed = serializers.IntegerField(required=False)


class RateOut(serializers.Serializer[Any]):
    rate = serializers.FloatField()
    low = serializers.FloatField(help_text="Of an interval that holds at every look at once, 95 in 100.")
    high = serializers.FloatField()
    tasks = serializers.IntegerField()


class WinRateOut(serializers.Serializer[Any]):
    """How often people prefer the model to the one before it, ties half, one task one vote."""

    class PeopleSay(serializers.Serializer[Any]):
        overall = RateOut(allow_null=True)
        shown_first = RateOut(allow_null=True)
        shown_second = RateOut(allow_null=True)
        balanced = serializers.FloatField(allow_null=True, help_text="The mean of the two sides.")
        verdicts = serializers.IntegerField()
        ties = serializers.IntegerField()
        judges = serializers.IntegerField()
        agreement = serializers.FloatField(allow_null=True, help_text="Of pairs of judges of one task; a tie is half.")
        judged_twice = serializers.IntegerField(help_text="Tasks with more than one judge.")

    class RewardSays(serializers.Serializer[Any]):
        pairs = serializers.IntegerField()
        mean_difference = serializers.FloatField(allow_null=True)
        share = serializers.FloatField(allow_null=True, help_text="How often it scores the model's answer higher.")
        agreement = serializers.FloatField(allow_null=True, help_text="How often it sides with people.")
        agreement_tasks = serializers.IntegerField()

    baseline = Named(allow_null=True, help_text="The model before; null where there is none to compare with.")
    people = PeopleSay()
    reward = RewardSays()
    tasks = serializers.IntegerField()
    done = serializers.IntegerField(help_text="Tasks with all their answers: only they count.")
    needed = serializers.FloatField(allow_null=True, help_text="What `low` has to exceed before it answers people.")
    is_waiting = serializers.BooleanField(help_text="Whether it does not exceed it yet.")


class DeployRuleShape(serializers.Serializer[Any]):
    needed_win_rate = serializers.FloatField(
        allow_null=True, help_text="What a refined model's win rate has to exceed for sure; null asks for nothing."
    )


class Comparisons(ListAPIView[ModelComparison]):
    serializer_class = ComparisonOut

    def get_queryset(self) -> Any:
        model = model_for(self.request, self.kwargs["project"], self.kwargs["pk"])
        rows = comparison_results.comparisons_of(model.project, user_of(self.request))
        return rows.filter(model=model).order_by("-pk")

    @extend_schema(request=ComparisonIn, responses={202: ComparisonOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        model = model_for(request, project, pk)
        given = ComparisonIn(data=request.data)
        given.is_valid(raise_exception=True)
        sampling = dict(given.validated_data)
        row = comparisons.request_comparison(
            model=model,
            actor=user_of(request),
            prompts=sampling.pop("prompts"),
            judges=sampling.pop("judges"),
            sampling=sampling,
            now=timezone.now(),
        )
        jobs.compare_models.delay_on_commit(comparison_id=row.pk)
        return Response(ComparisonOut(row).data, 202)


@polled
class WinRate(APIView):
    @extend_schema(responses=WinRateOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        """Read from the answers as they are now."""
        model = model_for(request, project, pk)
        said, needed = comparison_results.said_of(model), deploying.needed_in(project)
        low = said.people.overall.low if said.people.overall else None
        found = {
            **asdict(said),
            "baseline": comparisons.before(model),
            "needed": needed,
            "is_waiting": deploying.waits(model.stage, needed, low),
        }
        return Response(WinRateOut(found).data)


@polled
class ComparisonDetail(APIView):
    @extend_schema(responses=ComparisonOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        return Response(ComparisonOut(_comparison(request, project, pk)).data)


class CancelComparison(APIView):
    @extend_schema(request=None, responses=ComparisonOut)
    def post(self, request: Request, project: int, pk: int) -> Response:
        row = _comparison(request, project, pk)
        comparisons.cancel_comparison(comparison=row, actor=user_of(request), now=timezone.now())
        return Response(ComparisonOut(_comparison(request, project, pk)).data)


class RetryComparison(APIView):
    @extend_schema(request=None, responses={202: ComparisonOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        row = _comparison(request, project, pk)
        comparisons.retry_comparison(comparison=row, actor=user_of(request), now=timezone.now())
        jobs.compare_models.delay_on_commit(comparison_id=row.pk)
        return Response(ComparisonOut(_comparison(request, project, pk)).data, 202)


class DeployRule(APIView):
    @extend_schema(responses=DeployRuleShape)
    def get(self, request: Request, project: int) -> Response:
        row = project_where(request, project, "view_run")
        return Response({"needed_win_rate": deploying.needed_in(row.pk)})

    @extend_schema(request=DeployRuleShape, responses=DeployRuleShape)
    def put(self, request: Request, project: int) -> Response:
        given = DeployRuleShape(data=request.data)
        row = project_where(request, project, "manage_project")
        given.is_valid(raise_exception=True)
        deploying.set_rule(project=row, actor=user_of(request), now=timezone.now(), **given.validated_data)
        return Response({"needed_win_rate": deploying.needed_in(row.pk)})


def _comparison(request: Request, project: int, pk: int) -> ModelComparison:
    row = project_where(request, project, "view_run")
    found: ModelComparison = row_for(comparison_results.comparisons_of(row, user_of(request)), pk=pk)
    return found


urlpatterns = [
    path("projects/<int:project>/models/<int:pk>/comparisons/", Comparisons.as_view()),
    path("projects/<int:project>/models/<int:pk>/win-rate/", WinRate.as_view()),
    path("projects/<int:project>/comparisons/<int:pk>/", ComparisonDetail.as_view()),
    path("projects/<int:project>/comparisons/<int:pk>/cancel/", CancelComparison.as_view()),
    path("projects/<int:project>/comparisons/<int:pk>/retry/", RetryComparison.as_view()),
    path("projects/<int:project>/deploy-rule/", DeployRule.as_view()),
]
