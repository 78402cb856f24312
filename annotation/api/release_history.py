"""Tags on releases, and what two releases differ in."""

from __future__ import annotations

from typing import Any

from django.http import StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_for, project_where, row_for, user_of
from annotation.api.json_lines import json_lines_file
from annotation.api.releases import release_for, releases_of
from annotation.api.work_shapes import Named
from annotation.exports import difference, tagging
from annotation.exports.models import Release, ReleaseTag, ReleaseTagMove


class TaggedRelease(serializers.ModelSerializer[Release]):
    class Meta:
        model = Release
        fields = ("id", "name", "digest_sha256")


class TagOut(serializers.ModelSerializer[ReleaseTag]):
    release = TaggedRelease()
    moved_by = Named()

    class Meta:
        model = ReleaseTag
        fields = ("name", "release", "moved_by", "moved_at")


class TagMoveOut(serializers.ModelSerializer[ReleaseTagMove]):
    release = TaggedRelease(allow_null=True, help_text="Empty where the tag was taken away.")
    moved_by = Named()

    class Meta:
        model = ReleaseTagMove
        fields = ("id", "name", "release", "moved_by", "moved_at")


class TagIn(serializers.Serializer[Any]):
    release = serializers.IntegerField()


class Changes(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    reasons = serializers.DictField(child=serializers.IntegerField())


class DifferenceOut(serializers.Serializer[Any]):
    old = TaggedRelease()
    new = TaggedRelease()
    added = Changes()
    removed = Changes()
    changed = Changes()
    kept = serializers.IntegerField()


class Tags(APIView):
    @extend_schema(responses=TagOut(many=True))
    def get(self, request: Request, project: int) -> Response:
        row = _readable(request, project)
        rows = ReleaseTag.objects.filter(project=row).select_related("release", "moved_by").order_by("name")
        return Response(TagOut(rows, many=True).data)


class Tag(APIView):
    @extend_schema(request=TagIn, responses=TagOut)
    def put(self, request: Request, project: int, tag: str) -> Response:
        given = TagIn(data=request.data)
        given.is_valid(raise_exception=True)
        release = row_for(releases_of(request, project), pk=given.validated_data["release"])
        row = tagging.tag_release(release=release, name=tag, actor=user_of(request), now=timezone.now())
        return Response(TagOut(row).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, project: int, tag: str) -> Response:
        row = project_for(request, project)
        tagging.take_tag_away(project=row, name=tag, actor=user_of(request), now=timezone.now())
        return Response(status=204)


class TagMoves(ListAPIView[ReleaseTagMove]):
    serializer_class = TagMoveOut

    def get_queryset(self) -> Any:
        row = _readable(self.request, self.kwargs["project"])
        return ReleaseTagMove.objects.filter(project=row).select_related("release", "moved_by").order_by("-pk")


class Difference(APIView):
    @extend_schema(responses=DifferenceOut)
    def get(self, request: Request, project: int, pk: int, other: int) -> Response:
        """Say what the release `pk` has become in the release `other`."""
        old, new = release_for(request, project, pk), release_for(request, project, other)
        return Response(DifferenceOut({"old": old, "new": new, **difference.summary(old, new)}).data)


class DifferenceLines(APIView):
    @extend_schema(responses={(200, "application/jsonl; charset=utf-8"): OpenApiTypes.BINARY})
    def get(self, request: Request, project: int, pk: int, other: int) -> StreamingHttpResponse:
        old, new = release_for(request, project, pk), release_for(request, project, other)
        found = difference.changes(old, new)
        return json_lines_file(f"releases-{old.pk}-{new.pk}.jsonl", (change.to_json() for change in found))


def _readable(request: Request, project: int) -> Any:
    return project_where(request, project, "view_release")


urlpatterns = [
    path("projects/<int:project>/release-tags/", Tags.as_view()),
    path("projects/<int:project>/release-tags/<str:tag>/", Tag.as_view()),
    path("projects/<int:project>/release-tag-moves/", TagMoves.as_view()),
    path("projects/<int:project>/releases/<int:pk>/difference/<int:other>/", Difference.as_view()),
    path("projects/<int:project>/releases/<int:pk>/difference/<int:other>/lines/", DifferenceLines.as_view()),
]
