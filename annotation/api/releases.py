"""Frozen releases: asked for, watched, downloaded whole or as a trainer wants them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import FileResponse, Http404, StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.text import slugify
from django.views.decorators.http import conditional_page
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_for, row_for, user_of
from annotation.api.work import Named
from annotation.exports import actions, queries, storage
from annotation.exports.jobs import freeze_release
from annotation.exports.models import Release
from annotation.exports.views import VIEWS, View
from annotation.projects.permissions import require
from training.records import dump_line

_LINES = "application/jsonl"
_LINES_SCHEMA = {(200, _LINES): OpenApiTypes.BINARY}


class SelectionShape(serializers.Serializer[Any]):
    protocols = serializers.ListField(child=serializers.IntegerField(), required=False)
    date_from = serializers.DateField(required=False, allow_null=True)
    date_to = serializers.DateField(required=False, allow_null=True)
    languages = serializers.ListField(child=serializers.CharField(), required=False)
    include_spares = serializers.BooleanField(required=False)


@extend_schema_field(SelectionShape)
class SelectionField(serializers.JSONField):
    """Any JSON: the selection itself says what is wrong with it."""


class SplitCounts(serializers.Serializer[Any]):
    train = serializers.IntegerField()
    validation = serializers.IntegerField()
    test = serializers.IntegerField()


class ReleaseCounts(serializers.Serializer[Any]):
    demonstrations = SplitCounts()
    rankings = SplitCounts()
    judgements = SplitCounts(required=False, help_text="Not told of releases that are older than they are.")


class ReleaseFile(serializers.Serializer[Any]):
    path = serializers.CharField()
    rows = serializers.IntegerField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class ReleaseOut(serializers.ModelSerializer[Release]):
    selection = SelectionField()
    counts = serializers.SerializerMethodField()
    left_out = serializers.DictField(child=serializers.IntegerField())
    files = serializers.SerializerMethodField()
    frozen_at = serializers.SerializerMethodField()
    created_by = Named()

    class Meta:
        model = Release
        fields = (
            "id", "name", "state", "selection", "digest_sha256", "counts", "left_out", "files", "progress_done",
            "progress_total", "attempt", "error", "created_at", "finished_at", "frozen_at", "created_by",
        )  # fmt: skip

    @extend_schema_field(ReleaseCounts(allow_null=True))
    def get_counts(self, release: Release) -> Any:
        return release.counts or None

    @extend_schema_field(ReleaseFile(many=True))
    def get_files(self, release: Release) -> Any:
        return release.manifest.get("files", [])

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_frozen_at(self, release: Release) -> Any:
        return release.finished_at if release.digest_sha256 else None


class ReleasePreviewIn(serializers.Serializer[Any]):
    selection = SelectionField(required=False, default=dict)


class ReleaseIn(ReleasePreviewIn):
    name = serializers.CharField(max_length=actions.NAME_LIMIT)


class ReleasePreviewOut(serializers.Serializer[Any]):
    counts = ReleaseCounts()
    left_out = serializers.DictField(child=serializers.IntegerField())


class ReleaseViewOut(serializers.Serializer[Any]):
    name = serializers.ChoiceField(choices=list(VIEWS))
    title = serializers.CharField()
    loses = serializers.ListField(child=serializers.CharField())
    rows = SplitCounts()
    left_out = serializers.DictField(child=serializers.IntegerField(), help_text="What became no row, by reason.")


@method_decorator(conditional_page, name="dispatch")
class Releases(ListAPIView[Release]):
    serializer_class = ReleaseOut

    def get_queryset(self) -> Any:
        return _releases(self.request, self.kwargs["project"])

    @extend_schema(request=ReleaseIn, responses={202: ReleaseOut})
    def post(self, request: Request, project: int) -> Response:
        row = project_for(request, project)
        given = ReleaseIn(data=request.data)
        given.is_valid(raise_exception=True)
        release = actions.request_release(
            project=row, actor=user_of(request), now=timezone.now(), **given.validated_data
        )
        freeze_release.delay_on_commit(release_id=release.pk)
        return Response(ReleaseOut(release).data, 202)


class Preview(APIView):
    @extend_schema(request=ReleasePreviewIn, responses=ReleasePreviewOut)
    def post(self, request: Request, project: int) -> Response:
        row = project_for(request, project)
        require(user_of(request), "create_release", row)
        given = ReleasePreviewIn(data=request.data)
        given.is_valid(raise_exception=True)
        selection = actions.parse_selection(project=row, selection=given.validated_data["selection"])
        counts, left_out = queries.preview(row, selection)
        return Response(ReleasePreviewOut({"counts": counts, "left_out": left_out}).data)


@method_decorator(conditional_page, name="dispatch")
class ReleaseDetail(APIView):
    @extend_schema(responses=ReleaseOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        return Response(ReleaseOut(release_for(request, project, pk)).data)


class Cancel(APIView):
    @extend_schema(request=None, responses=ReleaseOut)
    def post(self, request: Request, project: int, pk: int) -> Response:
        release = release_for(request, project, pk)
        actions.cancel(release=release, actor=user_of(request), now=timezone.now())
        return Response(ReleaseOut(release_for(request, project, pk)).data)


class Retry(APIView):
    @extend_schema(request=None, responses={202: ReleaseOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        release = release_for(request, project, pk)
        actions.retry(release=release, actor=user_of(request), now=timezone.now())
        freeze_release.delay_on_commit(release_id=release.pk)
        return Response(ReleaseOut(release_for(request, project, pk)).data, 202)


class ManifestView(APIView):
    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, project: int, pk: int) -> Response:
        return Response(queries.manifest_of(release_for(request, project, pk)).to_json())


class FileDownload(APIView):
    @extend_schema(responses=_LINES_SCHEMA)
    def get(self, request: Request, project: int, pk: int, file_path: str) -> FileResponse:
        release = release_for(request, project, pk)
        entry = queries.file_of(release, file_path)
        if entry is None:
            raise Http404
        stream = storage.open_file(release.digest_sha256, entry.path)
        name = f"{_slug(release)}-{entry.path.replace('/', '-')}"
        return FileResponse(stream, as_attachment=True, filename=name, content_type=_LINES)


class Views(APIView):
    @extend_schema(responses=ReleaseViewOut(many=True))
    def get(self, request: Request, project: int, pk: int) -> Response:
        # A release that is older than a view has not counted its rows.
        counted = queries.manifest_of(release_for(request, project, pk)).extra["views"]
        shown = [_view_counts(view, counted[view.name]) for view in VIEWS.values() if view.name in counted]
        return Response(ReleaseViewOut(shown, many=True).data)


class ViewDownload(APIView):
    @extend_schema(responses={**_LINES_SCHEMA, 404: OpenApiResponse(description="No such view or split.")})
    def get(self, request: Request, project: int, pk: int, view: str, split: str) -> StreamingHttpResponse:
        release = release_for(request, project, pk)
        entry = queries.file_of(release, f"{split}/{VIEWS[view].file_name}") if view in VIEWS else None
        if entry is None:
            raise Http404
        stream = storage.open_file(release.digest_sha256, entry.path)
        answer = StreamingHttpResponse(_view_lines(VIEWS[view], stream), content_type=_LINES)
        answer["Content-Disposition"] = f'attachment; filename="{_slug(release)}-{view}-{split}.jsonl"'
        return answer


def release_for(request: Request, project: int, pk: int) -> Release:
    """Return the release of a project that the person may see, else answer 404."""
    return row_for(_releases(request, project), pk=pk)


def _releases(request: Request, project: int) -> Any:
    row = project_for(request, project)
    require(user_of(request), "view_release", row)
    return Release.objects.visible_to(user_of(request)).filter(project=row).select_related("created_by", "project")


def _view_lines(view: View, stream: Any) -> Iterator[bytes]:
    return (dump_line(row) for row in view.stream(storage.lines_of(stream)))


def _view_counts(view: View, splits: dict[str, Any]) -> dict[str, Any]:
    left_out: dict[str, int] = {}
    for counts in splits.values():
        for reason, number in counts["left_out"].items():
            left_out[reason] = left_out.get(reason, 0) + number
    rows = {split: counts["rows"] for split, counts in splits.items()}
    return {"name": view.name, "title": view.title, "loses": view.loses, "rows": rows, "left_out": left_out}


def _slug(release: Release) -> str:
    return slugify(release.name) or f"release-{release.pk}"


urlpatterns = [
    path("projects/<int:project>/releases/", Releases.as_view()),
    path("projects/<int:project>/releases/preview/", Preview.as_view()),
    path("projects/<int:project>/releases/<int:pk>/", ReleaseDetail.as_view()),
    path("projects/<int:project>/releases/<int:pk>/cancel/", Cancel.as_view()),
    path("projects/<int:project>/releases/<int:pk>/retry/", Retry.as_view()),
    path("projects/<int:project>/releases/<int:pk>/manifest/", ManifestView.as_view()),
    path("projects/<int:project>/releases/<int:pk>/files/<path:file_path>", FileDownload.as_view()),
    path("projects/<int:project>/releases/<int:pk>/views/", Views.as_view()),
    path("projects/<int:project>/releases/<int:pk>/views/<str:view>/<str:split>/", ViewDownload.as_view()),
]
