"""Protocols of a project and the guidelines that people work by; the kinds and presets they are made from."""

from __future__ import annotations

from dataclasses import asdict
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
from annotation.projects.kinds.settings import SETTING_TYPES
from annotation.projects.kinds.shape import Kind
from annotation.projects.models import GuidelineVersion, Protocol, ProtocolState
from annotation.projects.presets import PRESETS
from annotation.projects.presets.shape import Preset
from annotation.projects.protocol import KINDS, check_config, whole_config

_TEXT = {"type": "string"}


class GuidelineOut(serializers.ModelSerializer[GuidelineVersion]):
    class Meta:
        model = GuidelineVersion
        fields = ("id", "number", "markdown", "change_note", "created_at")


class RuleShape(serializers.Serializer[Any]):
    languages = serializers.ListField(child=serializers.CharField(), required=False)
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    team = serializers.CharField(required=False)
    people = serializers.ListField(child=serializers.IntegerField(), required=False)


@extend_schema_field(RuleShape(many=True))
class RulesField(serializers.JSONField):
    """Any JSON: the columns themselves say what is wrong with a rule."""


class ProtocolOut(serializers.ModelSerializer[Protocol]):
    kind = serializers.ChoiceField(choices=list(KINDS))
    eligible_roles = serializers.ListField(child=serializers.CharField())
    assignment_rules = RulesField()
    version = serializers.SerializerMethodField()
    config = serializers.SerializerMethodField()
    guideline = serializers.SerializerMethodField()

    class Meta:
        model = Protocol
        fields = (
            "id", "name", "kind", "preset", "state", "required_answers", "maximum_answers", "agreement_floor",
            "lease_seconds", "eligible_roles", "eligible_teams", "required_qualifications", "answers_per_person",
            "answers_per_day", "calibration_share", "assignment_rules", "follow_up", "version", "config", "guideline",
        )  # fmt: skip

    def get_version(self, protocol: Protocol) -> int:
        return protocol.versions.all()[0].number

    @extend_schema_field(serializers.DictField())
    def get_config(self, protocol: Protocol) -> Any:
        return whole_config(protocol.kind, protocol.versions.all()[0].config)

    @extend_schema_field(GuidelineOut(allow_null=True))
    def get_guideline(self, protocol: Protocol) -> Any:
        newest = next(iter(protocol.guidelines.all()), None)
        return GuidelineOut(newest).data if newest else None


class ProtocolIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    config = serializers.DictField(required=False)
    required_answers = serializers.IntegerField(required=False, min_value=1, max_value=100)
    maximum_answers = serializers.IntegerField(required=False, allow_null=True)
    agreement_floor = serializers.FloatField(required=False, allow_null=True)
    lease_seconds = serializers.IntegerField(required=False)
    eligible_roles = serializers.ListField(child=serializers.CharField(), required=False)
    eligible_teams = serializers.ListField(child=serializers.CharField(), required=False)
    required_qualifications = serializers.ListField(child=serializers.CharField(), required=False)
    answers_per_person = serializers.IntegerField(required=False, allow_null=True)
    answers_per_day = serializers.IntegerField(required=False, allow_null=True)
    calibration_share = serializers.FloatField(required=False)
    assignment_rules = RulesField(required=False)
    follow_up = serializers.IntegerField(required=False, allow_null=True)


class ProtocolNew(ProtocolIn):
    name = serializers.CharField(max_length=120, required=False, help_text="The preset's own where it is left out.")
    kind = serializers.ChoiceField(choices=list(KINDS), required=False)
    preset = serializers.CharField(required=False, help_text="A key of /api/presets/, in place of a kind.")


class ProtocolChange(ProtocolIn):
    state = serializers.ChoiceField(choices=ProtocolState.choices, required=False)


class SettingOut(serializers.Serializer[Any]):
    """One field of a kind's configuration, with what it takes; which bounds there are depends on the type."""

    @extend_schema_field(
        {"oneOf": [{"type": "boolean"}, {"type": "integer"}, {"type": "string"}, {"type": "array", "items": _TEXT}]}
    )
    class DefaultField(serializers.JSONField):
        """The value that holds where a configuration names none."""

    name = serializers.CharField()
    type = serializers.ChoiceField(choices=[kind.type for kind in SETTING_TYPES])
    about = serializers.CharField()
    default = DefaultField()
    minimum = serializers.IntegerField(required=False, help_text="Of a number, or of how many names there are.")
    maximum = serializers.IntegerField(required=False)
    maximum_characters = serializers.IntegerField(required=False)
    choices = serializers.ListField(child=serializers.CharField(), required=False)


class KindOfWorkOut(serializers.Serializer[Any]):
    key = serializers.ChoiceField(choices=list(KINDS))
    about = serializers.CharField()
    minimum_completions = serializers.IntegerField()
    maximum_completions = serializers.IntegerField()
    follow_ups = serializers.ListField(child=serializers.ChoiceField(choices=list(KINDS)))
    has_brief = serializers.BooleanField(help_text="Its tasks have a brief in place of a prompt.")
    settings = serializers.SerializerMethodField()

    @extend_schema_field(SettingOut(many=True))
    def get_settings(self, kind: Kind) -> Any:
        return SettingOut([{**asdict(setting), "type": setting.type} for setting in kind.settings], many=True).data


class PresetOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(KINDS))
    name = serializers.CharField()
    description = serializers.CharField()
    guideline = serializers.CharField()
    config = serializers.SerializerMethodField()
    columns = serializers.DictField(help_text="What differs from an ordinary protocol in how its queue is steered.")
    follow_up = serializers.CharField(help_text="The preset that takes what is finished here; empty for none.")

    @extend_schema_field(serializers.DictField())
    def get_config(self, preset: Preset) -> Any:
        return check_config(preset.kind, preset.config)


class Kinds(APIView):
    @extend_schema(responses=KindOfWorkOut(many=True))
    def get(self, request: Request) -> Response:
        """List the kinds of work, with what can be set on each."""
        return Response(KindOfWorkOut(list(KINDS.values()), many=True).data)


class Presets(APIView):
    @extend_schema(responses=PresetOut(many=True))
    def get(self, request: Request) -> Response:
        """List the starting points that a protocol can be made from."""
        return Response(PresetOut(list(PRESETS.values()), many=True).data)


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


class DuplicateProtocol(APIView):
    class Input(serializers.Serializer[Any]):
        name = serializers.CharField(max_length=120)

    @extend_schema(request=Input, responses={201: ProtocolOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        """Make an equal protocol under another name, without its tasks."""
        protocol = protocol_for(request, project, pk)
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        copy = actions.duplicate_protocol(
            protocol=protocol, actor=user_of(request), now=timezone.now(), **given.validated_data
        )
        return Response(ProtocolOut(protocol_for(request, project, copy.pk)).data, 201)


class Guidelines(ListAPIView[GuidelineVersion]):
    serializer_class = GuidelineOut

    class Input(serializers.Serializer[Any]):
        markdown = serializers.CharField(max_length=actions.GUIDELINE_CHARACTERS)
        change_note = serializers.CharField(required=False, allow_blank=True, max_length=actions.CHANGE_NOTE_CHARACTERS)

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
