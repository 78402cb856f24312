"""Stored files over HTTP: in constant memory, resumable, by session, token or signed link, each one logged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.http.response import HttpResponse
from django.urls import Resolver404, path, resolve
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_where, user_of
from annotation.api.links import BY_LINK, SignedLink, signed
from annotation.api.ranges import Part, part_wanted
from annotation.api.work_shapes import Named
from annotation.database.lending import give_back
from annotation.exports.models import Release
from annotation.exports.parts import StoredPart
from annotation.registry import downloads
from annotation.registry.models import Download, ModelVersion

ADDRESS_CHARACTERS = 2_000


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file to be sent: where it lies, what it is, what it is called at home, and whose files it belongs to."""

    stored_name: str
    size: int
    sha256: str
    file_name: str
    content_type: str
    source: Release | ModelVersion
    path: str

    @property
    def etag(self) -> str:
        return f'"{self.sha256}"'


class AnyKind(BaseContentNegotiation):
    """A file is sent as what it is, whatever the client would rather have."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class FileView(APIView):
    """The address of a stored file. Subclasses say which one, and refuse whoever may not have it."""

    authentication_classes = [SignedLink, *APIView.authentication_classes]
    content_negotiation_class = AnyKind

    def file_for(self, request: Request, **names: Any) -> StoredFile:
        """Return the file that the address names. Raise Http404, NotAllowed or why it cannot be had."""
        raise NotImplementedError

    def get(self, request: Request, **names: Any) -> HttpResponseBase:
        return send(request, self.file_for(request, **names))


def file_schema(*content_types: str) -> Any:
    """Describe a FileView's method get."""
    binary = {(status, kind): OpenApiTypes.BINARY for status in (200, 206) for kind in content_types}
    headers = [
        OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="One range, as in `bytes=1000-`."),
        OpenApiParameter("If-Range", str, OpenApiParameter.HEADER, description="The ETag that the range is of."),
        OpenApiParameter("signature", str, description="What a signed link ends in: see /api/download-links/."),
    ]
    gone = OpenApiResponse(description="The files are no longer stored, or may no longer be had.")
    return extend_schema(
        parameters=headers, responses={**binary, 410: gone, 416: OpenApiResponse(description="Past the end.")}
    )


def send(request: Request, file: StoredFile) -> HttpResponseBase:
    """Answer with the file, or the part of it that is asked for, and log it. Raise RangeNotSatisfiable, FilesGone."""
    unchanged = get_conditional_response(request._request, etag=file.etag)
    if unchanged is not None:
        return unchanged
    wanted = part_wanted(
        request.headers.get("Range", ""), file.size, if_range=request.headers.get("If-Range", ""), etag=file.etag
    )
    part = wanted or Part(0, file.size, file.size)
    stored = StoredPart(file.stored_name, size=file.size, start=part.start, length=part.length)
    if request.method == "HEAD":
        stored.close()
        answer: HttpResponseBase = HttpResponse(content_type=file.content_type)
    else:
        _note(request, file, part)
        answer = StreamingHttpResponse(_Pieces(stored), content_type=file.content_type)
    answer.status_code = 206 if wanted else 200
    if wanted:
        answer["Content-Range"] = part.content_range
    answer["Content-Length"] = str(part.length)
    answer["Accept-Ranges"] = "bytes"
    answer["ETag"] = file.etag
    answer["Content-Disposition"] = content_disposition_header(True, file.file_name) or "attachment"
    # Kept by the person's own browser at most, and asked about before it is used again.
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


class _Pieces:
    """A part's bytes. While they go out, which may take hours, no connection to the database is held."""

    def __init__(self, stored: StoredPart) -> None:
        self._stored = stored

    def __iter__(self) -> Iterator[bytes]:
        give_back()
        yield from self._stored

    def close(self) -> None:
        self._stored.close()


def _note(request: Request, file: StoredFile, part: Part) -> None:
    downloads.note_download(
        actor=user_of(request),
        source=file.source,
        path=file.path,
        start=part.start,
        length=part.length,
        size=part.size,
        by_link=request.auth == BY_LINK,
        now=timezone.now(),
    )


class DownloadLinkOut(serializers.Serializer[Any]):
    address = serializers.URLField(help_text="The whole address. Whoever has it reads the file until it ends.")
    expires_at = serializers.DateTimeField()


class DownloadLinks(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("address", str, required=True, description="The file's own address, /api/….")],
        responses=DownloadLinkOut,
    )
    def get(self, request: Request) -> Response:
        """Sign the address of a file for whoever asks, who may read it at this moment."""
        target, query = _target(request.query_params.get("address", ""))
        try:
            match = resolve(target)
        except Resolver404:
            raise Http404 from None
        view = getattr(match.func, "cls", None)
        if view is None or not issubclass(view, FileView):
            raise Http404
        view().file_for(request, **match.kwargs)
        address, expires_at = signed(target, query, user_of(request), timezone.now())
        answer = Response(DownloadLinkOut({"address": address, "expires_at": expires_at}).data)
        patch_cache_control(answer, no_store=True)
        return answer


class DownloadOut(serializers.ModelSerializer[Download]):
    person = Named()
    release = Named(allow_null=True)
    model = Named(allow_null=True)

    class Meta:
        model = Download
        fields = (
            "id",
            "person",
            "release",
            "model",
            "path",
            "start_bytes",
            "sent_bytes",
            "size_bytes",
            "by_link",
            "at",
        )


class Downloads(ListAPIView[Download]):
    serializer_class = DownloadOut

    def get_queryset(self) -> Any:
        project = project_where(self.request, self.kwargs["project"], "view_downloads")
        return downloads.downloads_of(project, user_of(self.request))


def _target(address: str) -> tuple[str, str]:
    """Return the path, decoded as a request's is, and the query of an address. Raise ValidationError."""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if not parts.path.startswith("/api/") or len(address) > ADDRESS_CHARACTERS:
        raise serializers.ValidationError({"address": "must be the address of a file, beginning with /api/"})
    return unquote(parts.path), parts.query


urlpatterns = [
    path("download-links/", DownloadLinks.as_view()),
    path("projects/<int:project>/downloads/", Downloads.as_view()),
]
