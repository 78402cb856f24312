"""What a conversation and what a project has to talk to look like over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation.api.work_shapes import Named
from annotation.chat import choosing
from annotation.chat.models import Appeal, ChatSetup, Choice, Conversation, Feedback, ModerationDecision, Turn
from annotation.projects.protocol import whole_config
from annotation.registry.models import Served


class ServedName(serializers.ModelSerializer[Served]):
    class Meta:
        model = Served
        fields = ("id", "name", "state")


class TwoAnswersOut(serializers.ModelSerializer[ChatSetup]):
    share = serializers.FloatField(source="two_answers_share", help_text="How likely each turn is answered twice.")
    second = ServedName(allow_null=True, help_text="What writes the other answer; null: the same model once more.")
    protocol = Named(allow_null=True, help_text="Whose answers the choices are.")

    class Meta:
        model = ChatSetup
        fields = ("share", "second", "protocol")


class ChatSetupOut(serializers.Serializer[Any]):
    models = ServedName(many=True)
    filter = ServedName(allow_null=True)
    filters = ServedName(many=True, help_text="What may be chosen as the filter, for those who may choose.")
    missing = serializers.ListField(
        child=serializers.ChoiceField(choices=["no_model", "no_filter", "filter_down"]),
        help_text="Why nobody can chat; empty where they can.",
    )
    always = serializers.BooleanField(help_text="Whether one's consent stands for every new conversation.")
    reasons = serializers.ListField(child=serializers.CharField())
    two_answers = TwoAnswersOut(
        allow_null=True, help_text="For those who may ask for two; null for others, and where nothing was set."
    )


class OwnAppealOut(serializers.ModelSerializer[Appeal]):
    class Meta:
        model = Appeal
        fields = ("state", "note", "created_at", "decided_at")


class RefusalOut(serializers.ModelSerializer[ModerationDecision]):
    appeal = OwnAppealOut(allow_null=True, default=None)

    class Meta:
        model = ModerationDecision
        fields = ("side", "categories", "filter_name", "appeal")


class FeedbackOut(serializers.ModelSerializer[Feedback]):
    class Meta:
        model = Feedback
        fields = ("liked", "reasons", "note")


class ChoiceOut(serializers.ModelSerializer[Choice]):
    """Two answers side by side: left is c1, right is c2."""

    left = serializers.IntegerField(source="left_id")
    right = serializers.IntegerField(source="right_id")
    continues = serializers.IntegerField(source="continues_id", allow_null=True)
    config = serializers.SerializerMethodField(help_text="The protocol's configuration that it is chosen by.")
    payload = serializers.DictField(allow_null=True, help_text="What was chosen, as comparisons are stored.")

    class Meta:
        model = Choice
        fields = ("left", "right", "state", "config", "payload", "continues", "continues_by")

    @extend_schema_field(serializers.DictField())
    def get_config(self, choice: Choice) -> Any:
        return whole_config(choosing.KIND, choice.protocol_version.config)


class TurnOut(serializers.ModelSerializer[Turn]):
    parent = serializers.IntegerField(source="parent_id", allow_null=True)
    model_name = serializers.SerializerMethodField(help_text="Empty for one of two answers until one is chosen.")
    is_ours = serializers.SerializerMethodField(help_text="Whether it can be asked what taught the model this.")
    feedback = FeedbackOut(allow_null=True, default=None)
    refusal = serializers.SerializerMethodField()
    choice = ChoiceOut(allow_null=True, default=None, help_text="On what a person said: the two answers to it.")

    class Meta:
        model = Turn
        fields = (
            "id", "parent", "role", "text", "state", "error", "model_name", "is_ours", "created_at",
            "finished_at", "feedback", "refusal", "choice",
        )  # fmt: skip

    def get_model_name(self, turn: Turn) -> str:
        return "" if getattr(turn, "is_blind", False) else turn.model_name

    def get_is_ours(self, turn: Turn) -> bool:
        return bool(turn.model_sha256) and not getattr(turn, "is_blind", False)

    @extend_schema_field(RefusalOut(allow_null=True))
    def get_refusal(self, turn: Turn) -> Any:
        flags = getattr(turn, "flags", [])
        return RefusalOut(flags[-1]).data if flags else None


class ConversationOut(serializers.ModelSerializer[Conversation]):
    model = Named(source="served")

    class Meta:
        model = Conversation
        fields = ("id", "title", "model", "consent", "created_at")


class ConversationDetailOut(ConversationOut):
    turns = TurnOut(many=True, source="tree")

    class Meta(ConversationOut.Meta):
        fields = (*ConversationOut.Meta.fields, "turns")
