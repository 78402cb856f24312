"""A protocol's judgements as Label Studio exports its own."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.urls import path
from django.utils.text import slugify
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from annotation.api.access import project_where, row_for
from annotation.exports import label_studio
from annotation.exports.judgements import judged_tasks
from annotation.projects.models import Protocol


class LabelStudioExport(APIView):
    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    def get(self, request: Request, project: int, pk: int) -> StreamingHttpResponse:
        """Send every task of a comparison or ranking protocol with its judgements, one at a time."""
        parent = project_where(request, project, "create_release")
        rows = parent.protocols.filter(kind__in=label_studio.KINDS).select_related("project")
        protocol: Protocol = row_for(rows, pk=pk)
        answer = StreamingHttpResponse(_list(protocol), content_type="application/json")
        name = slugify(protocol.name) or f"protocol-{pk}"
        answer["Content-Disposition"] = f'attachment; filename="{name}-label-studio.json"'
        return answer


def _list(protocol: Protocol) -> Iterator[str]:
    start = "[\n"
    for task in judged_tasks(protocol):
        yield start + json.dumps(label_studio.task_of(task), ensure_ascii=False)
        start = ",\n"
    yield "[]\n" if start == "[\n" else "\n]\n"


urlpatterns = [
    path("projects/<int:project>/protocols/<int:pk>/label-studio/", LabelStudioExport.as_view()),
]
