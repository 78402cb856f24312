"""Views of a release: what formats there are, a view asked for, watched and downloaded."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import polled, row_for, user_of
from annotation.api.downloads import FileView, StoredFile, file_schema
from annotation.api.releases import release_for, slug_of
from annotation.api.work_shapes import Named
from annotation.exports import building, queries, storage
from annotation.exports.jobs import build_view
from annotation.exports.models import ReleaseView
from annotation.exports.view_files import options_of
from annotation.exports.views import VIEWS
from annotation.projects.permissions import require

_CONTENT = {
    ".csv": "text/csv; charset=utf-8",
    ".gz": "application/gzip",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".parquet": "application/vnd.apache.parquet",
    ".zst": "application/zstd",
}


class ViewOption(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()
    type = serializers.ChoiceField(choices=["choice", "boolean", "integer", "number", "text"])
    default = serializers.JSONField()
    choices = serializers.ListField(child=serializers.CharField(), help_text="What a choice may be; empty for others.")
    minimum = serializers.FloatField()
    maximum = serializers.FloatField()


class ViewFormat(serializers.Serializer[Any]):
    id = serializers.ChoiceField(choices=list(VIEWS))
    label = serializers.CharField()
    source = serializers.CharField(help_text="Where the format is described.")
    kinds = serializers.ListField(child=serializers.CharField(), help_text="The records of a release that it reads.")
    splits = serializers.ListField(child=serializers.CharField())
    loses = serializers.ListField(child=serializers.CharField(), help_text="What the format cannot carry.")
    options = serializers.SerializerMethodField()

    @extend_schema_field(ViewOption(many=True))
    def get_options(self, view: Any) -> Any:
        return ViewOption(options_of(view), many=True).data


class ViewIn(serializers.Serializer[Any]):
    format = serializers.CharField(max_length=40)
    options = serializers.JSONField(required=False, default=dict, help_text="Option names and values.")


class ViewCounts(serializers.Serializer[Any]):
    records = serializers.DictField(child=serializers.IntegerField(), help_text="Read, by split.")
    rows = serializers.DictField(child=serializers.IntegerField(), help_text="Written, by split.")


class ViewFile(serializers.Serializer[Any]):
    path = serializers.CharField()
    rows = serializers.IntegerField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class ReleaseViewOut(serializers.ModelSerializer[ReleaseView]):
    options = serializers.DictField()
    counts = serializers.SerializerMethodField()
    left_out = serializers.DictField(child=serializers.IntegerField(), help_text="What became no row, by reason.")
    loses = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()
    created_by = Named()

    class Meta:
        model = ReleaseView
        fields = (
            "id", "format", "options", "options_sha256", "state", "counts", "left_out", "loses", "files",
            "progress_done", "progress_total", "attempt", "error", "created_at", "started_at", "finished_at",
            "created_by",
        )  # fmt: skip

    @extend_schema_field(ViewCounts(allow_null=True))
    def get_counts(self, view: ReleaseView) -> Any:
        return view.counts or None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_loses(self, view: ReleaseView) -> Any:
        return view.manifest.get("loses", [])

    @extend_schema_field(ViewFile(many=True))
    def get_files(self, view: ReleaseView) -> Any:
        return view.manifest.get("files", [])


class ViewFormats(APIView):
    @extend_schema(responses=ViewFormat(many=True))
    def get(self, request: Request) -> Response:
        """List the formats that a release can be had in, with what can be chosen and what each cannot carry."""
        return Response(ViewFormat(VIEWS.values(), many=True).data)


@polled
class Views(APIView):
    @extend_schema(responses=ReleaseViewOut(many=True))
    def get(self, request: Request, project: int, pk: int) -> Response:
        """List the views of the release that were asked for, newest first."""
        rows = _views(request, project, pk).order_by("-pk")
        return Response(ReleaseViewOut(rows, many=True).data)

    @extend_schema(request=ViewIn, responses={202: ReleaseViewOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        """Ask for a view: what was written before with the same choices is answered as it stands."""
        release = release_for(request, project, pk)
        require(user_of(request), "create_release", release.project)
        given = ViewIn(data=request.data)
        given.is_valid(raise_exception=True)
        view = building.request_view(
            release=release, actor=user_of(request), now=timezone.now(), **given.validated_data
        )
        build_view.delay_on_commit(view_id=view.pk)
        return Response(ReleaseViewOut(view).data, 202)


@polled
class ViewDetail(APIView):
    @extend_schema(responses=ReleaseViewOut)
    def get(self, request: Request, project: int, pk: int, view: int) -> Response:
        return Response(ReleaseViewOut(view_for(request, project, pk, view)).data)


class CancelView(APIView):
    @extend_schema(request=None, responses=ReleaseViewOut)
    def post(self, request: Request, project: int, pk: int, view: int) -> Response:
        row = view_for(request, project, pk, view)
        building.cancel_view(view=row, actor=user_of(request), now=timezone.now())
        return Response(ReleaseViewOut(view_for(request, project, pk, view)).data)


class ViewManifest(APIView):
    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, project: int, pk: int, view: int) -> Response:
        return Response(queries.manifest_of_view(view_for(request, project, pk, view)))


@extend_schema_view(get=file_schema("application/octet-stream"))
class ViewFileDownload(FileView):
    def file_for(self, request: Request, project: int, pk: int, view: int, file_path: str) -> StoredFile:
        row = view_for(request, project, pk, view)
        entry = queries.file_of_view(row, file_path)
        if entry is None:
            raise Http404
        place = building.place_of(row)
        return StoredFile(
            stored_name=f"{place}/{file_path}",
            size=entry["bytes"],
            sha256=entry["sha256"],
            file_name=f"{slug_of(row.release)}-{row.format}-{file_path}",
            content_type=_CONTENT[PurePosixPath(file_path).suffix],
            source=row.release,
            path=place.removeprefix(f"{storage.prefix_of(row.release.digest_sha256)}/") + f"/{file_path}",
        )


def view_for(request: Request, project: int, pk: int, view: int) -> ReleaseView:
    """Return a view of a release that the person may see, else answer 404."""
    return row_for(_views(request, project, pk), pk=view)


def _views(request: Request, project: int, pk: int) -> Any:
    release = release_for(request, project, pk)
    rows = ReleaseView.objects.visible_to(user_of(request)).filter(release=release)
    return rows.select_related("release", "project", "created_by")


_RELEASE = "projects/<int:project>/releases/<int:pk>/views"
urlpatterns = [
    path("view-formats/", ViewFormats.as_view()),
    path(f"{_RELEASE}/", Views.as_view()),
    path(f"{_RELEASE}/<int:view>/", ViewDetail.as_view()),
    path(f"{_RELEASE}/<int:view>/cancel/", CancelView.as_view()),
    path(f"{_RELEASE}/<int:view>/manifest/", ViewManifest.as_view()),
    path(f"{_RELEASE}/<int:view>/files/<path:file_path>", ViewFileDownload.as_view()),
]
