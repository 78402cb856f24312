"""Trained models, and the completions that they write for people to rank."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import polled, project_where, row_for, user_of
from annotation.api.downloads import FileView, StoredFile, file_schema
from annotation.api.releases import WithdrawnOut
from annotation.api.work_shapes import Named
from annotation.registry import completions, jobs, model_files, queries
from annotation.registry.models import CompletionBatch, ModelVersion
from annotation.tasks.models import Split

_ANY_BYTES = "application/octet-stream"


class ModelOut(serializers.ModelSerializer[ModelVersion]):
    class RunRef(serializers.Serializer[Any]):
        id = serializers.IntegerField(source="run_id")

    class ReleaseRef(Named):
        digest_sha256 = serializers.CharField()

    metrics = serializers.DictField()
    card = serializers.DictField()
    bytes = serializers.IntegerField(source="size_bytes")
    run = RunRef(source="*")
    release = ReleaseRef()
    deployable = serializers.BooleanField(
        source="may_serve", help_text="Writes text, is not stale, and waits for nobody."
    )
    waits_for_people = serializers.BooleanField(
        help_text="People are to find it better than the model before it, before it answers anybody."
    )
    is_filter = serializers.BooleanField(source="may_filter", help_text="Moderates texts, and is not stale.")
    withdrawn = WithdrawnOut(many=True, source="staleness", help_text="Why it is stale, if it is.")

    class Meta:
        model = ModelVersion
        fields = (
            "id", "name", "stage", "deployable", "waits_for_people", "is_filter", "metrics", "card", "sha256", "bytes",
            "run", "release", "created_at", "stale_at", "withdrawn",
        )  # fmt: skip


class LineageOut(serializers.Serializer[Any]):
    revisions = serializers.IntegerField(help_text="Answers, each at one revision, in the release.")
    people = serializers.IntegerField(help_text="Who gave them.")


class ModelDetailOut(ModelOut):
    lineage = serializers.SerializerMethodField()

    class Meta(ModelOut.Meta):
        fields = (*ModelOut.Meta.fields, "lineage")

    @extend_schema_field(LineageOut)
    def get_lineage(self, model: ModelVersion) -> Any:
        return LineageOut(asdict(queries.lineage_of(model))).data


class ModelFileOut(serializers.Serializer[Any]):
    path = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField(allow_blank=True, help_text="Empty for models that are older than their lists.")


class BatchOut(serializers.ModelSerializer[CompletionBatch]):
    class BatchCounts(serializers.Serializer[Any]):
        completions = serializers.IntegerField(default=0)
        tasks = serializers.IntegerField(default=0)
        duplicates = serializers.IntegerField(default=0)
        empty = serializers.IntegerField(default=0)
        too_few = serializers.IntegerField(default=0, help_text="Prompts left with less than two to rank.")

    model = Named()
    protocol = Named()
    n = serializers.IntegerField(source="sampling.n")
    sampling = serializers.DictField()
    prompts = serializers.SerializerMethodField(help_text="How many prompts it writes for.")
    counts = BatchCounts()
    created_by = Named()

    class Meta:
        model = CompletionBatch
        fields = (
            "id", "model", "protocol", "state", "progress_done", "progress_total", "n", "sampling", "prompts", "counts",
            "error", "attempt", "created_at", "finished_at", "created_by",
        )  # fmt: skip

    def get_prompts(self, batch: CompletionBatch) -> int:
        return len(batch.prompts)


class BatchIn(serializers.Serializer[Any]):
    class PromptsIn(serializers.Serializer[Any]):
        ids = serializers.ListField(child=serializers.IntegerField(), required=False)
        limit = serializers.IntegerField(required=False, help_text="The oldest that the model has not written for.")
        split = serializers.ChoiceField(choices=Split.choices, required=False)

    protocol = serializers.IntegerField(source="protocol_id")
    prompts = PromptsIn()
    n = serializers.IntegerField(required=False)
    temperature = serializers.FloatField(required=False)
    top_p = serializers.FloatField(required=False)
    max_new_tokens = serializers.IntegerField(required=False)
    seed = serializers.IntegerField(required=False)


class Models(ListAPIView[ModelVersion]):
    serializer_class = ModelOut

    def get_queryset(self) -> Any:
        return _models(self.request, self.kwargs["project"])


class ModelDetail(APIView):
    @extend_schema(responses=ModelDetailOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        return Response(ModelDetailOut(model_for(request, project, pk)).data)


class ModelFiles(APIView):
    @extend_schema(responses=ModelFileOut(many=True))
    def get(self, request: Request, project: int, pk: int) -> Response:
        model = model_for(request, project, pk)
        return Response(ModelFileOut(model_files.files_of(model), many=True).data)


@extend_schema_view(get=file_schema(_ANY_BYTES))
class ModelFileDownload(FileView):
    def file_for(self, request: Request, project: int, pk: int, file_path: str) -> StoredFile:
        model = model_for(request, project, pk)
        entry = next((file for file in model_files.files_of(model) if file["path"] == file_path), None)
        if entry is None:
            raise Http404
        return StoredFile(
            stored_name=model_files.name_of(model, file_path),
            size=entry["bytes"],
            sha256=entry["sha256"] or f"{model.sha256}/{file_path}",
            file_name=f"{model.name}-{file_path.replace('/', '-')}",
            content_type=_ANY_BYTES,
            source=model,
            path=file_path,
        )


class WriteCompletions(APIView):
    @extend_schema(request=BatchIn, responses={202: BatchOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        model = model_for(request, project, pk)
        given = BatchIn(data=request.data)
        given.is_valid(raise_exception=True)
        fields = given.validated_data
        batch = completions.request_completions(
            model=model,
            actor=user_of(request),
            protocol_id=fields.pop("protocol_id"),
            prompts=fields.pop("prompts"),
            sampling=fields,
            now=timezone.now(),
        )
        jobs.write_completions.delay_on_commit(batch_id=batch.pk)
        return Response(BatchOut(batch).data, 202)


class Batches(ListAPIView[CompletionBatch]):
    serializer_class = BatchOut

    def get_queryset(self) -> Any:
        return _batches(self.request, self.kwargs["project"])


@polled
class BatchDetail(APIView):
    @extend_schema(responses=BatchOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        return Response(BatchOut(_batch_for(request, project, pk)).data)


class CancelBatch(APIView):
    @extend_schema(request=None, responses=BatchOut)
    def post(self, request: Request, project: int, pk: int) -> Response:
        batch = _batch_for(request, project, pk)
        completions.cancel_batch(batch=batch, actor=user_of(request), now=timezone.now())
        return Response(BatchOut(_batch_for(request, project, pk)).data)


class RetryBatch(APIView):
    @extend_schema(request=None, responses={202: BatchOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        batch = _batch_for(request, project, pk)
        completions.retry_batch(batch=batch, actor=user_of(request), now=timezone.now())
        jobs.write_completions.delay_on_commit(batch_id=batch.pk)
        return Response(BatchOut(_batch_for(request, project, pk)).data, 202)


def _models(request: Request, project: int) -> Any:
    row = project_where(request, project, "view_run")
    return queries.models_of(row, user_of(request))


def model_for(request: Request, project: int, pk: int) -> ModelVersion:
    """Return a model of the project when the person may see its models, else answer 404 or 403."""
    model: ModelVersion = row_for(_models(request, project), pk=pk)
    return model


def _batches(request: Request, project: int) -> Any:
    row = project_where(request, project, "view_run")
    return queries.batches_of(row, user_of(request))


def _batch_for(request: Request, project: int, pk: int) -> CompletionBatch:
    return row_for(_batches(request, project), pk=pk)


urlpatterns = [
    path("projects/<int:project>/models/", Models.as_view()),
    path("projects/<int:project>/models/<int:pk>/", ModelDetail.as_view()),
    path("projects/<int:project>/models/<int:pk>/files/", ModelFiles.as_view()),
    path("projects/<int:project>/models/<int:pk>/files/<path:file_path>", ModelFileDownload.as_view()),
    path("projects/<int:project>/models/<int:pk>/completions/", WriteCompletions.as_view()),
    path("projects/<int:project>/completion-batches/", Batches.as_view()),
    path("projects/<int:project>/completion-batches/<int:pk>/", BatchDetail.as_view()),
    path("projects/<int:project>/completion-batches/<int:pk>/cancel/", CancelBatch.as_view()),
    path("projects/<int:project>/completion-batches/<int:pk>/retry/", RetryBatch.as_view()),
]
