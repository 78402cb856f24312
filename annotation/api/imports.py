"""Imports: upload a file, look at it, confirm it, watch it come in, read which rows were turned away."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_for, row_for, user_of
from annotation.api.csv_file import csv_file
from annotation.api.json_lines import json_lines_file
from annotation.intake import actions, dry_runs, queries
from annotation.intake.checking import COUNTS
from annotation.intake.detect import AUTO, FORMATS
from annotation.intake.jobs import run_import
from annotation.intake.models import ImportFile, RejectedRow

# What a multipart body may hold besides the file: its part headers, the format and the options.
ENVELOPE_BYTES = 64 * 1024


class LimitedUpload(TemporaryFileUploadHandler):
    """Receives a file onto disk, never into memory, and no further than the limit."""

    received_bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received_bytes += len(raw_data)
        try:
            actions.check_size(self.received_bytes)
        except actions.UploadTooLarge:
            self.file.close()
            raise
        super().receive_data_chunk(raw_data, start)


class CountsOut(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.IntegerField(required=False) for name in COUNTS}


class ImportOut(serializers.ModelSerializer[ImportFile]):
    class Maker(serializers.Serializer[Any]):
        id = serializers.IntegerField()
        name = serializers.CharField()

    counts = CountsOut()
    rejected_by_reason = serializers.DictField(child=serializers.IntegerField())
    skipped_by_reason = serializers.DictField(child=serializers.IntegerField())
    created_by = Maker()
    is_dry_run = serializers.BooleanField()

    class Meta:
        model = ImportFile
        fields = (
            "id", "file_name", "size_bytes", "sha256", "format", "found_format", "options", "is_dry_run", "state",
            "progress_done", "progress_total", "counts", "rejected_by_reason", "skipped_by_reason", "attempt", "error",
            "created_at", "started_at", "finished_at", "created_by", "phase", "phase_started_at",
        )  # fmt: skip


class RejectionOut(serializers.ModelSerializer[RejectedRow]):
    class Meta:
        model = RejectedRow
        fields = ("id", "line", "is_skipped", "field", "reason", "message", "excerpt")


REPORTED = RejectionOut.Meta.fields[1:]


class Imports(ListAPIView[ImportFile]):
    serializer_class = ImportOut
    parser_classes = [MultiPartParser]

    class Input(serializers.Serializer[Any]):
        file = serializers.FileField()
        format = serializers.ChoiceField(choices=FORMATS, default=AUTO)
        options = serializers.JSONField(binary=True, required=False, help_text="A JSON object, as text.")
        dry_run = serializers.BooleanField(default=False, help_text="Bring nothing in until it is confirmed.")

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        request.upload_handlers = [LimitedUpload(request)]
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse by the announced length, before the first byte of the body is read."""
        announced = request.META.get("CONTENT_LENGTH") or "0"
        actions.check_size(int(announced) - ENVELOPE_BYTES if announced.isdecimal() else 0)
        super().initial(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        return queries.imports_of(project_for(self.request, self.kwargs["project"]), user_of(self.request))

    @extend_schema(request={"multipart/form-data": Input}, responses={202: ImportOut})
    def post(self, request: Request, project: int) -> Response:
        parent = project_for(request, project)
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        fields = given.validated_data
        row = actions.receive_file(
            actor=user_of(request),
            project=parent,
            file=fields["file"],
            file_name=fields["file"].name,
            format=fields["format"],
            options=fields.get("options"),
            dry_run=fields["dry_run"],
            now=timezone.now(),
        )
        run_import.delay_on_commit(import_file_id=row.pk)
        return Response(ImportOut(row).data, 202)


class ImportDetail(APIView):
    class Change(serializers.Serializer[Any]):
        format = serializers.ChoiceField(choices=FORMATS, required=False)
        options = serializers.DictField(child=serializers.JSONField(), required=False)

    @extend_schema(responses=ImportOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        return Response(ImportOut(import_for(request, project, pk)).data)

    @extend_schema(request=Change, responses={202: ImportOut})
    def patch(self, request: Request, project: int, pk: int) -> Response:
        """Read an unconfirmed file otherwise: its dry run starts over."""
        row = import_for(request, project, pk)
        given = self.Change(data=request.data)
        given.is_valid(raise_exception=True)
        dry_runs.revise_import(import_file=row, actor=user_of(request), now=timezone.now(), **given.validated_data)
        return _queued(request, project, pk)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, project: int, pk: int) -> Response:
        """Drop an unconfirmed file."""
        dry_runs.discard_import(import_file=import_for(request, project, pk), actor=user_of(request))
        return Response(status=204)


class ConfirmImport(APIView):
    @extend_schema(request=None, responses={202: ImportOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        """Bring in a file that was only looked at so far."""
        row = import_for(request, project, pk)
        dry_runs.confirm_import(import_file=row, actor=user_of(request), now=timezone.now())
        return _queued(request, project, pk)


class CancelImport(APIView):
    @extend_schema(request=None, responses=ImportOut)
    def post(self, request: Request, project: int, pk: int) -> Response:
        row = import_for(request, project, pk)
        actions.cancel_import(import_file=row, actor=user_of(request), now=timezone.now())
        return Response(ImportOut(import_for(request, project, pk)).data)


class RetryImport(APIView):
    @extend_schema(request=None, responses={202: ImportOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        row = import_for(request, project, pk)
        actions.retry_import(import_file=row, actor=user_of(request), now=timezone.now())
        run_import.delay_on_commit(import_file_id=row.pk)
        return Response(ImportOut(import_for(request, project, pk)).data, 202)


class RejectionPage(CursorPagination):
    """In the order of the file."""

    ordering = "pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class Rejections(ListAPIView[RejectedRow]):
    serializer_class = RejectionOut
    pagination_class = RejectionPage

    def get_queryset(self) -> Any:
        return queries.rejections_of(import_for(self.request, self.kwargs["project"], self.kwargs["pk"]))


class RejectionsLines(APIView):
    @extend_schema(responses={(200, "application/jsonl"): OpenApiTypes.STR})
    def get(self, request: Request, project: int, pk: int) -> StreamingHttpResponse:
        """Send all rows left out as JSON Lines, one at a time."""
        row = import_for(request, project, pk)
        rows = queries.rejections_of(row).values(*REPORTED).iterator(chunk_size=1000)
        return json_lines_file(f"rejections-{row.pk}.jsonl", rows)


class RejectionsTable(APIView):
    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, project: int, pk: int) -> StreamingHttpResponse:
        """Send all rows left out as CSV, one at a time."""
        row = import_for(request, project, pk)
        rejections = queries.rejections_of(row).values_list(*REPORTED).iterator(chunk_size=1000)
        return csv_file(f"rejections-{row.pk}.csv", REPORTED, rejections)


def _queued(request: Request, project: int, pk: int) -> Response:
    row = import_for(request, project, pk)
    run_import.delay_on_commit(import_file_id=row.pk)
    return Response(ImportOut(row).data, 202)


def import_for(request: Request, project: int, pk: int) -> ImportFile:
    return row_for(queries.imports_of(project_for(request, project), user_of(request)), pk=pk)


urlpatterns = [
    path("projects/<int:project>/imports/", Imports.as_view()),
    path("projects/<int:project>/imports/<int:pk>/", ImportDetail.as_view()),
    path("projects/<int:project>/imports/<int:pk>/confirm/", ConfirmImport.as_view()),
    path("projects/<int:project>/imports/<int:pk>/cancel/", CancelImport.as_view()),
    path("projects/<int:project>/imports/<int:pk>/retry/", RetryImport.as_view()),
    path("projects/<int:project>/imports/<int:pk>/rejections/", Rejections.as_view()),
    path("projects/<int:project>/imports/<int:pk>/rejections.csv", RejectionsTable.as_view()),
    path("projects/<int:project>/imports/<int:pk>/rejections.jsonl", RejectionsLines.as_view()),
]
