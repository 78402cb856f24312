"""Protocols of a project, and the guidelines that people work by."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_for, row_for, user_of
from annotation.projects import actions, queries
from annotation.projects.models import GuidelineVersion, Protocol, ProtocolState
from annotation.projects.protocol import KINDS


class GuidelineOut(serializers.ModelSerializer[GuidelineVersion]):
    class Meta:
        model = GuidelineVersion
        fields = ("number", "markdown", "created_at")


class ProtocolOut(serializers.ModelSerializer[Protocol]):
    kind = serializers.ChoiceField(choices=list(KINDS))
    version = serializers.SerializerMethodField()
    config = serializers.SerializerMethodField()
    guideline = serializers.SerializerMethodField()

    class Meta:
        model = Protocol
        fields = (
            "id", "name", "kind", "state", "required_answers", "lease_seconds", "version", "config", "guideline",
        )  # fmt: skip

    def get_version(self, protocol: Protocol) -> int:
        return protocol.versions.all()[0].number

    @extend_schema_field(serializers.DictField())
    def get_config(self, protocol: Protocol) -> Any:
        return protocol.versions.all()[0].config

    @extend_schema_field(GuidelineOut(allow_null=True))
    def get_guideline(self, protocol: Protocol) -> Any:
        newest = next(iter(protocol.guidelines.all()), None)
        return GuidelineOut(newest).data if newest else None


class ProtocolIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    required_answers = serializers.IntegerField(required=False, min_value=1, max_value=100)
    config = serializers.DictField(required=False)


class ProtocolNew(ProtocolIn):
    kind = serializers.ChoiceField(choices=list(KINDS))


class ProtocolChange(ProtocolIn):
    state = serializers.ChoiceField(choices=ProtocolState.choices, required=False)
    lease_seconds = serializers.IntegerField(required=False)


class Protocols(ListAPIView[Protocol]):
    serializer_class = ProtocolOut

    def get_queryset(self) -> Any:
        return queries.protocols_of(project_for(self.request, self.kwargs["project"]))

    @extend_schema(request=ProtocolNew, responses={201: ProtocolOut})
    def post(self, request: Request, project: int) -> Response:
        row = project_for(request, project)
        given = ProtocolNew(data=request.data)
        given.is_valid(raise_exception=True)
        made = actions.create_protocol(project=row, actor=user_of(request), now=timezone.now(), **given.validated_data)
        return Response(ProtocolOut(queries.protocols_of(row).get(pk=made.pk)).data, 201)


class ProtocolDetail(APIView):
    @extend_schema(responses=ProtocolOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        return Response(ProtocolOut(protocol_for(request, project, pk)).data)

    @extend_schema(request=ProtocolChange(partial=True), responses=ProtocolOut)
    def patch(self, request: Request, project: int, pk: int) -> Response:
        protocol = protocol_for(request, project, pk)
        given = ProtocolChange(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        actions.change_protocol(protocol=protocol, actor=user_of(request), now=timezone.now(), **given.validated_data)
        return Response(ProtocolOut(protocol_for(request, project, pk)).data)


class Guidelines(ListAPIView[GuidelineVersion]):
    serializer_class = GuidelineOut

    class Input(serializers.Serializer[Any]):
        markdown = serializers.CharField(max_length=actions.GUIDELINE_CHARACTERS)

    def get_queryset(self) -> Any:
        return protocol_for(self.request, self.kwargs["project"], self.kwargs["pk"]).guidelines.all()

    @extend_schema(request=Input, responses={201: GuidelineOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        protocol = protocol_for(request, project, pk)
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        version = actions.publish_guideline(
            protocol=protocol, actor=user_of(request), now=timezone.now(), **given.validated_data
        )
        return Response(GuidelineOut(version).data, 201)


def protocol_for(request: Request, project: int, pk: int) -> Protocol:
    """Return the protocol of a project that the person may see, else answer 404."""
    return row_for(queries.protocols_of(project_for(request, project)), pk=pk)
