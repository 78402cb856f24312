"""A model is served, or no longer; servers elsewhere that the owner names."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_for, project_where, row_for, user_of
from annotation.api.model_versions import model_for
from annotation.api.work_shapes import Named
from annotation.registry import queries, serving
from annotation.registry.models import Served, UpstreamKind


class ServedOut(serializers.ModelSerializer[Served]):
    model = Named(allow_null=True)
    upstream_kind = serializers.SerializerMethodField(help_text="What a server elsewhere is asked for.")
    can_chat = serializers.BooleanField(help_text="Whether people may talk to it.")
    created_by = Named()
    gateway_url = serializers.SerializerMethodField(help_text="What a client of OpenAI's API is given as its base URL.")

    class Meta:
        model = Served
        fields = (
            "id", "name", "model", "upstream_kind", "upstream_url", "upstream_model", "upstream_key_variable",
            "is_wanted", "state", "said", "can_chat", "changed_at", "created_by", "gateway_url",
        )  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(choices=UpstreamKind.choices, allow_null=True))
    def get_upstream_kind(self, served: Served) -> str | None:
        return served.upstream_kind or None

    @extend_schema_field(serializers.CharField())
    def get_gateway_url(self, served: Served) -> str:
        return settings.GATEWAY_URL + "/v1"


class UpstreamIn(serializers.Serializer[Any]):
    name = serializers.CharField()
    kind = serializers.ChoiceField(
        choices=UpstreamKind.choices,
        default=UpstreamKind.CHAT,
        help_text="What it is asked for: to chat, OpenAI's moderations, or Llama Guard through a chat endpoint.",
    )
    url = serializers.CharField(help_text="The server's base URL, as in https://host/v1.")
    model = serializers.CharField(help_text="What that server calls its model.")
    key_variable = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="UPSTREAM_KEY or UPSTREAM_KEY_…: where its key stands."
    )


class ServedModels(ListAPIView[Served]):
    """What is served in a project."""

    serializer_class = ServedOut

    def get_queryset(self) -> Any:
        project = project_where(self.request, self.kwargs["project"], "view_run")
        return queries.served_in(project, user_of(self.request))

    @extend_schema(request=UpstreamIn, responses={201: ServedOut})
    def post(self, request: Request, project: int) -> Response:
        given = UpstreamIn(data=request.data)
        given.is_valid(raise_exception=True)
        row = serving.add_upstream(
            project=project_for(request, project), actor=user_of(request), now=timezone.now(), **given.validated_data
        )
        return Response(ServedOut(row).data, 201)


class ModelServing(APIView):
    @extend_schema(request=None, responses={202: ServedOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        served = serving.serve(model=model_for(request, project, pk), actor=user_of(request), now=timezone.now())
        return Response(ServedOut(served).data, 202)


class ServedModel(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, project: int, pk: int) -> Response:
        """Forget a server elsewhere that nobody has talked to: the owner's."""
        serving.remove_upstream(served=served_for(request, project, pk), actor=user_of(request))
        return Response(status=204)


class StartServing(APIView):
    @extend_schema(request=None, responses=ServedOut)
    def post(self, request: Request, project: int, pk: int) -> Response:
        """Ask a server elsewhere again that was stopped."""
        served = served_for(request, project, pk)
        return Response(ServedOut(serving.ask_again(served=served, actor=user_of(request), now=timezone.now())).data)


class StopServing(APIView):
    @extend_schema(request=None, responses=ServedOut)
    def post(self, request: Request, project: int, pk: int) -> Response:
        served = served_for(request, project, pk)
        return Response(ServedOut(serving.stop_serving(served=served, actor=user_of(request), now=timezone.now())).data)


def served_for(request: Request, project: int, pk: int) -> Served:
    row = project_where(request, project, "view_run")
    found: Served = row_for(queries.served_in(row, user_of(request)), pk=pk)
    return found


urlpatterns = [
    path("projects/<int:project>/served/", ServedModels.as_view()),
    path("projects/<int:project>/served/<int:pk>/", ServedModel.as_view()),
    path("projects/<int:project>/served/<int:pk>/start/", StartServing.as_view()),
    path("projects/<int:project>/served/<int:pk>/stop/", StopServing.as_view()),
    path("projects/<int:project>/models/<int:pk>/serve/", ModelServing.as_view()),
]
