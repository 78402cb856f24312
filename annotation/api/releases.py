"""Frozen releases: asked for, watched, downloaded as they are."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django.db.models import Prefetch
from django.http import Http404
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.text import slugify
from django.views.decorators.http import conditional_page
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_for, project_where, row_for, user_of
from annotation.api.downloads import FileView, StoredFile, file_schema
from annotation.api.work_shapes import Named
from annotation.exports import actions, queries, storage
from annotation.exports.jobs import freeze_release
from annotation.exports.models import Release, StaleRelease
from annotation.exports.previewing import preview
from annotation.exports.selection import REVIEW_STATES, SPLITS_BY
from annotation.people.models import WithdrawalKind

_LINES = "application/jsonl"
_LINES_SCHEMA = {(200, _LINES): OpenApiTypes.BINARY}
# Releases that are older than Parquet hold lines.
_CONTENT = {".parquet": "application/vnd.apache.parquet", ".jsonl": _LINES, ".md": "text/markdown; charset=utf-8"}


class SelectionShape(serializers.Serializer[Any]):
    protocols = serializers.ListField(child=serializers.IntegerField(), required=False)
    date_from = serializers.DateField(required=False, allow_null=True)
    date_to = serializers.DateField(required=False, allow_null=True)
    languages = serializers.ListField(child=serializers.CharField(), required=False)
    include_spares = serializers.BooleanField(required=False)
    annotators = serializers.ListField(child=serializers.IntegerField(), required=False)
    guideline_versions = serializers.ListField(child=serializers.IntegerField(), required=False)
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    review_states = serializers.ListField(child=serializers.ChoiceField(choices=REVIEW_STATES), required=False)
    agreement_from = serializers.FloatField(required=False, allow_null=True)
    split_by = serializers.ChoiceField(choices=SPLITS_BY, required=False)
    corrects = serializers.IntegerField(required=False, allow_null=True, help_text="A stale release to take again.")
    documents = serializers.BooleanField(required=False, help_text="Take the texts to learn language from as well.")


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
    documents = SplitCounts(required=False, help_text="Told where they were asked for.")


class ReleaseFile(serializers.Serializer[Any]):
    path = serializers.CharField()
    rows = serializers.IntegerField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class WithdrawnOut(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=WithdrawalKind.choices, source="withdrawal.kind")
    at = serializers.DateTimeField(source="withdrawal.created_at")


class ReleaseWithdrawn(WithdrawnOut):
    answers = serializers.IntegerField()


class ReleaseOut(serializers.ModelSerializer[Release]):
    selection = SelectionField()
    counts = serializers.SerializerMethodField()
    left_out = serializers.DictField(child=serializers.IntegerField())
    files = serializers.SerializerMethodField()
    tags = serializers.SlugRelatedField(slug_field="name", many=True, read_only=True)
    frozen_at = serializers.SerializerMethodField()
    created_by = Named()
    withdrawn = ReleaseWithdrawn(many=True, source="staleness", help_text="Why it is stale, if it is.")
    corrects = serializers.IntegerField(
        source="selection.corrects", default=None, allow_null=True, help_text="The stale release whose place it takes."
    )

    class Meta:
        model = Release
        fields = (
            "id", "name", "state", "selection", "digest_sha256", "counts", "left_out", "files", "progress_done",
            "progress_total", "attempt", "error", "created_at", "finished_at", "frozen_at", "created_by", "tags",
            "stale_at", "purged_at", "withdrawn", "corrects",
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


class Bar(serializers.Serializer[Any]):
    """One class of a histogram, up to the next one's `from`."""

    count = serializers.IntegerField()

    def get_fields(self) -> Any:
        return {"from": serializers.FloatField(), **super().get_fields()}


class AnnotatorBar(serializers.Serializer[Any]):
    annotator = serializers.CharField(help_text="The name that stands for a person in this project's releases.")
    count = serializers.IntegerField()


class ReleasePlots(serializers.Serializer[Any]):
    of = serializers.IntegerField(help_text="How many records were looked at.")
    lengths = Bar(many=True, help_text="Characters of completions.")
    k = serializers.DictField(child=serializers.IntegerField(), help_text="Rankings by number of completions.")
    ties = serializers.DictField(child=serializers.IntegerField(), help_text="Rankings with none, some, all tied.")
    languages = serializers.DictField(child=serializers.IntegerField())
    annotators = AnnotatorBar(many=True, help_text="Who said most first, at most 50.")
    annotators_in_all = serializers.IntegerField()
    agreement = Bar(many=True, help_text="Answers by how far they agree with the others to their task.")


class ReleasePreviewOut(serializers.Serializer[Any]):
    share = serializers.FloatField(help_text="Of the tasks that were looked at; below 1, counts are scaled up.")
    counts = ReleaseCounts()
    left_out = serializers.DictField(child=serializers.IntegerField())
    plots = ReleasePlots()


@method_decorator(conditional_page, name="dispatch")
class Releases(ListAPIView[Release]):
    serializer_class = ReleaseOut

    def get_queryset(self) -> Any:
        return releases_of(self.request, self.kwargs["project"])

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
        row = project_where(request, project, "create_release")
        given = ReleasePreviewIn(data=request.data)
        given.is_valid(raise_exception=True)
        selection = actions.parse_selection(project=row, selection=given.validated_data["selection"])
        return Response(ReleasePreviewOut(preview(row, selection)).data)


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


@extend_schema_view(get=file_schema(*_CONTENT.values()))
class ReleaseFileDownload(FileView):
    def file_for(self, request: Request, project: int, pk: int, file_path: str) -> StoredFile:
        release = release_for(request, project, pk)
        entry = queries.file_of(release, file_path)
        if entry is None:
            raise Http404
        return StoredFile(
            stored_name=storage.name_of(release.digest_sha256, entry.path),
            size=entry.bytes,
            sha256=entry.sha256,
            file_name=f"{slug_of(release)}-{entry.path.replace('/', '-')}",
            content_type=_CONTENT[PurePosixPath(entry.path).suffix],
            source=release,
            path=entry.path,
        )


def release_for(request: Request, project: int, pk: int) -> Release:
    """Return the release of a project that the person may see, else answer 404."""
    return row_for(releases_of(request, project), pk=pk)


def releases_of(request: Request, project: int) -> Any:
    row = project_where(request, project, "view_release")
    withdrawn = StaleRelease.objects.select_related("withdrawal").order_by("pk")
    return (
        Release.objects.visible_to(user_of(request))
        .filter(project=row)
        .select_related("created_by", "project")
        .prefetch_related("tags", Prefetch("staleness", withdrawn))
    )


def slug_of(release: Release) -> str:
    return slugify(release.name) or f"release-{release.pk}"


urlpatterns = [
    path("projects/<int:project>/releases/", Releases.as_view()),
    path("projects/<int:project>/releases/preview/", Preview.as_view()),
    path("projects/<int:project>/releases/<int:pk>/", ReleaseDetail.as_view()),
    path("projects/<int:project>/releases/<int:pk>/cancel/", Cancel.as_view()),
    path("projects/<int:project>/releases/<int:pk>/retry/", Retry.as_view()),
    path("projects/<int:project>/releases/<int:pk>/manifest/", ManifestView.as_view()),
    path("projects/<int:project>/releases/<int:pk>/files/<path:file_path>", ReleaseFileDownload.as_view()),
]
