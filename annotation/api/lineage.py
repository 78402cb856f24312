"""Lineage as small graphs: of a model, a release, an answer; of a prompt and a person for those who may withdraw."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_where, row_for, user_of
from annotation.api.releases import release_for
from annotation.assignment.queries import answers_of
from annotation.people.models import WithdrawalKind
from annotation.quality import queries as quality_queries
from annotation.registry import lineage, queries
from annotation.tasks.models import Answer, Prompt


class LineageGraphOut(serializers.Serializer[Any]):
    class LineageNode(serializers.Serializer[Any]):
        class LineageReason(serializers.Serializer[Any]):
            kind = serializers.ChoiceField(choices=WithdrawalKind.choices)
            withdrawals = serializers.IntegerField(help_text="How many of this kind.")
            answers = serializers.IntegerField(allow_null=True, help_text="Of a release's; none is told of a model.")
            last_at = serializers.DateTimeField()

        id = serializers.CharField()
        kind = serializers.ChoiceField(choices=lineage.KINDS)
        label = serializers.CharField(allow_blank=True)
        row = serializers.IntegerField(allow_null=True, help_text="Its id; a version's is that of its protocol.")
        count = serializers.IntegerField(allow_null=True, help_text="Answers, or people, that it stands for.")
        is_stale = serializers.BooleanField(help_text="It holds words that were withdrawn.")
        reasons = LineageReason(many=True, help_text="Why it is stale, if it is.")

    class LineageEdge(serializers.Serializer[Any]):
        origin = serializers.CharField()
        made = serializers.CharField()

    nodes = LineageNode(many=True)
    edges = LineageEdge(many=True)
    is_cut = serializers.BooleanField(help_text=f"There is more: at most {lineage.MOST} of each kind are shown.")


class ReachOut(serializers.Serializer[Any]):
    releases = serializers.IntegerField()
    models = serializers.IntegerField()


class ModelLineage(APIView):
    @extend_schema(responses=LineageGraphOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        parent = project_where(request, project, "view_run")
        rows = queries.models_of(parent, user_of(request)).select_related("run__release", "release__project")
        return _shown(lineage.of_model(row_for(rows, pk=pk), user_of(request)))


class ReleaseLineage(APIView):
    @extend_schema(responses=LineageGraphOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        return _shown(lineage.of_release(release_for(request, project, pk), user_of(request)))


class AnswerLineage(APIView):
    @extend_schema(responses=LineageGraphOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        parent = project_where(request, project, "view_answers")
        rows = Answer.objects.visible_to(user_of(request)).filter(task__protocol__project=parent)
        shown = ("task__protocol", "annotator", "protocol_version__protocol", "guideline_version__protocol")
        return _shown(lineage.of_answer(row_for(rows.select_related(*shown), pk=pk), user_of(request)))


class PromptLineage(APIView):
    @extend_schema(responses=LineageGraphOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        parent = project_where(request, project, "withdraw_data")
        return _shown(lineage.of_prompt(row_for(Prompt.objects.filter(project=parent), pk=pk), user_of(request)))


class PersonLineage(APIView):
    @extend_schema(responses=LineageGraphOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        parent = project_where(request, project, "withdraw_data")
        person = row_for(quality_queries.people_of(parent), pk=pk)
        return _shown(lineage.of_person(person, parent, user_of(request)))


class MyAnswerReach(APIView):
    @extend_schema(responses=ReachOut)
    def get(self, request: Request, pk: int) -> Response:
        """Say in how many releases and models an own answer is, and nothing of what else is in them."""
        answer = row_for(answers_of(user_of(request)), pk=pk)
        return Response(ReachOut(lineage.reach_of(Answer.objects.filter(pk=answer.pk))).data)


def _shown(graph: lineage.Graph) -> Response:
    edges = [{"origin": origin, "made": made} for origin, made in graph.edges]
    reasons = lineage.reasons_in(graph)
    nodes = [{**vars(node), "reasons": reasons.get(node.id, [])} for node in graph.nodes.values()]
    shown = {"nodes": nodes, "edges": edges, "is_cut": graph.is_cut}
    return Response(LineageGraphOut(shown).data)


urlpatterns = [
    path("work/answers/<int:pk>/lineage/", MyAnswerReach.as_view()),
    path("projects/<int:project>/models/<int:pk>/lineage/", ModelLineage.as_view()),
    path("projects/<int:project>/releases/<int:pk>/lineage/", ReleaseLineage.as_view()),
    path("projects/<int:project>/answers/<int:pk>/lineage/", AnswerLineage.as_view()),
    path("projects/<int:project>/prompts/<int:pk>/lineage/", PromptLineage.as_view()),
    path("projects/<int:project>/people/<int:pk>/lineage/", PersonLineage.as_view()),
]
