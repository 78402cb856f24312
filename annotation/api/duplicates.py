"""Near-duplicate prompts: look for them, see how far that is, and read them side by side."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_for, project_where, user_of
from annotation.api.prompts import MessageShape
from annotation.intake import duplicates
from annotation.intake.jobs import find_duplicates
from annotation.intake.models import DuplicateSearch
from annotation.intake.queries import newest_search
from annotation.tasks import queries
from annotation.tasks.models import Prompt, Split

# Of a cluster so many prompts are shown; how many there are is told.
SHOWN = 6


class SearchOut(serializers.ModelSerializer[DuplicateSearch]):
    class Found(serializers.Serializer[Any]):
        sketched = serializers.IntegerField(required=False, help_text="Prompts that were new to it.")
        clusters = serializers.IntegerField(required=False)
        prompts = serializers.IntegerField(required=False, help_text="Prompts that are in a cluster.")

    counts = Found()

    class Meta:
        model = DuplicateSearch
        fields = ("id", "state", "progress_done", "progress_total", "counts", "error", "created_at", "finished_at")


class DuplicatesOut(serializers.Serializer[Any]):
    search = SearchOut(allow_null=True, help_text="The newest one.")


class ClusterOut(serializers.ModelSerializer[Prompt]):
    class Member(serializers.ModelSerializer[Prompt]):
        messages = MessageShape(many=True)
        split = serializers.ChoiceField(choices=Split.choices, source="group.split")

        class Meta:
            model = Prompt
            fields = ("id", "messages", "split", "source_label")

    prompts_count = serializers.IntegerField()
    splits_count = serializers.IntegerField(help_text="More than one: the cluster bridges splits.")
    prompts = serializers.SerializerMethodField()

    class Meta:
        model = Prompt
        fields = ("id", "prompts_count", "splits_count", "prompts")

    @extend_schema_field(Member(many=True))
    def get_prompts(self, row: Prompt) -> Any:
        return self.Member(self.context["members"][row.pk], many=True).data


class ClusterPage(CursorPagination):
    ordering = "pk"
    page_size = 20


class Duplicates(APIView):
    @extend_schema(responses=DuplicatesOut)
    def get(self, request: Request, project: int) -> Response:
        parent = project_where(request, project, "view_prompts")
        return Response(DuplicatesOut({"search": newest_search(parent, user_of(request))}).data)

    @extend_schema(request=None, responses={202: SearchOut})
    def post(self, request: Request, project: int) -> Response:
        """Look for near-duplicates among all prompts of the project."""
        parent = project_for(request, project)
        search = duplicates.request_search(project=parent, actor=user_of(request), now=timezone.now())
        find_duplicates.delay_on_commit(search_id=search.pk)
        return Response(SearchOut(search).data, 202)


class Clusters(ListAPIView[Prompt]):
    serializer_class = ClusterOut
    pagination_class = ClusterPage

    def get_queryset(self) -> Any:
        parent = project_where(self.request, self.kwargs["project"], "view_prompts")
        return queries.clusters_of(parent, user_of(self.request))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.paginate_queryset(self.get_queryset()) or []
        parent = project_for(request, self.kwargs["project"])
        members = queries.members_of(parent, user_of(request), [row.pk for row in rows], most=SHOWN)
        context = {**self.get_serializer_context(), "members": members}
        return self.get_paginated_response(ClusterOut(rows, many=True, context=context).data)


urlpatterns = [
    path("projects/<int:project>/duplicates/", Duplicates.as_view()),
    path("projects/<int:project>/duplicates/clusters/", Clusters.as_view()),
]
