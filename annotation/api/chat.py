"""Conversations with a served model: one's own, and nobody else's. What is streamed is in chat_streams.py."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_where, row_for, user_of
from annotation.api.chat_shapes import ChatSetupOut, ConversationDetailOut, ConversationOut
from annotation.chat import actions, appealing, consenting, queries
from annotation.chat.models import ConsentState, Conversation, Turn
from annotation.projects.models import Project
from annotation.projects.permissions import can, require
from annotation.registry.models import Served


class Chat(APIView):
    class Input(serializers.Serializer[Any]):
        filter = serializers.IntegerField(allow_null=True, help_text="What stands before the models; null: the newest.")

    @extend_schema(responses=ChatSetupOut)
    def get(self, request: Request, project: int) -> Response:
        """Say what there is to talk to, and what is missing."""
        return Response(setup_for(request, chat_project(request, project)))

    @extend_schema(request=Input, responses=ChatSetupOut)
    def patch(self, request: Request, project: int) -> Response:
        row = chat_project(request, project)
        require(user_of(request), "manage_chat", row)
        asked = self.Input(data=request.data)
        asked.is_valid(raise_exception=True)
        chosen = asked.validated_data["filter"]
        served = None if chosen is None else Served.objects.filter(project=row, pk=chosen).first()
        if chosen is not None and served is None:
            raise serializers.ValidationError({"filter": "is no model that this project serves"})
        actions.choose_filter(project=row, served=served, actor=user_of(request), now=timezone.now())
        return Response(setup_for(request, row))


class Conversations(ListAPIView[Conversation]):
    serializer_class = ConversationOut

    class Input(serializers.Serializer[Any]):
        model = serializers.IntegerField()

    def get_queryset(self) -> Any:
        return queries.conversations_of(chat_project(self.request, self.kwargs["project"]), user_of(self.request))

    @extend_schema(request=Input, responses={201: ConversationDetailOut})
    def post(self, request: Request, project: int) -> Response:
        row = chat_project(request, project)
        asked = self.Input(data=request.data)
        asked.is_valid(raise_exception=True)
        served = Served.objects.filter(project=row, pk=asked.validated_data["model"]).select_related("model").first()
        if served is None:
            raise serializers.ValidationError({"model": "is no model that this project serves"})
        made = actions.start_conversation(project=row, served=served, actor=user_of(request), now=timezone.now())
        return Response(whole(request, project, made.pk), 201)


class ConversationDetail(APIView):
    class Input(serializers.Serializer[Any]):
        title = serializers.CharField(max_length=120)

    @extend_schema(responses=ConversationDetailOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        return Response(whole(request, project, pk))

    @extend_schema(request=Input, responses=ConversationDetailOut)
    def patch(self, request: Request, project: int, pk: int) -> Response:
        row = conversation_for(request, project, pk)
        asked = self.Input(data=request.data)
        asked.is_valid(raise_exception=True)
        actions.rename(conversation=row, actor=user_of(request), title=asked.validated_data["title"])
        return Response(whole(request, project, pk))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, project: int, pk: int) -> Response:
        """Wipe its words and take back the prompts that came from it. Cannot be undone."""
        row = conversation_for(request, project, pk)
        actions.delete(conversation=row, actor=user_of(request), now=timezone.now())
        return Response(status=204)


class ExportConversation(APIView):
    class Output(serializers.Serializer[Any]):
        title = serializers.CharField()
        model = serializers.CharField()
        consent = serializers.ChoiceField(choices=ConsentState.choices)
        created_at = serializers.DateTimeField()
        turns = serializers.ListField(child=serializers.DictField())

    @extend_schema(responses=Output)
    def get(self, request: Request, project: int, pk: int) -> Response:
        row = conversation_for(request, project, pk)
        found = queries.exported(row, queries.turns_of(row))
        return Response(found, headers={"Content-Disposition": f'attachment; filename="conversation-{pk}.json"'})


class Consent(APIView):
    class Input(serializers.Serializer[Any]):
        consent = serializers.ChoiceField(choices=ConsentState.choices)

    @extend_schema(request=Input, responses=ConversationDetailOut)
    def put(self, request: Request, project: int, pk: int) -> Response:
        """Let the project learn from this conversation, or from this and all to come, or take that back."""
        row = conversation_for(request, project, pk)
        asked = self.Input(data=request.data)
        asked.is_valid(raise_exception=True)
        state = ConsentState(asked.validated_data["consent"])
        consenting.set_consent(conversation=row, state=state, actor=user_of(request), now=timezone.now())
        return Response(whole(request, project, pk))


class StopTurn(APIView):
    @extend_schema(request=None, responses=ConversationDetailOut)
    def post(self, request: Request, project: int, pk: int, turn: int) -> Response:
        row = turn_for(request, project, pk, turn)
        actions.stop(turn=row, actor=user_of(request), now=timezone.now())
        return Response(whole(request, project, pk))


class TurnFeedback(APIView):
    class Input(serializers.Serializer[Any]):
        liked = serializers.BooleanField(allow_null=True, help_text="Null takes the thumb back.")
        reasons = serializers.ListField(child=serializers.ChoiceField(choices=actions.REASONS), default=list)
        note = serializers.CharField(allow_blank=True, default="", max_length=actions.NOTE_CHARACTERS)

    @extend_schema(request=Input, responses=ConversationDetailOut)
    def put(self, request: Request, project: int, pk: int, turn: int) -> Response:
        row = turn_for(request, project, pk, turn)
        asked = self.Input(data=request.data)
        asked.is_valid(raise_exception=True)
        actions.give_feedback(turn=row, actor=user_of(request), now=timezone.now(), **asked.validated_data)
        return Response(whole(request, project, pk))


class AppealTurn(APIView):
    class Input(serializers.Serializer[Any]):
        reason = serializers.CharField(allow_blank=True, default="", max_length=appealing.REASON_CHARACTERS)

    @extend_schema(request=Input, responses={201: ConversationDetailOut})
    def post(self, request: Request, project: int, pk: int, turn: int) -> Response:
        """Ask a person to look at what the filter refused, by the words that it found.

        The words and what is decided of them are kept to train the filter, until the conversation is deleted.
        """
        row = turn_for(request, project, pk, turn)
        asked = self.Input(data=request.data)
        asked.is_valid(raise_exception=True)
        appealing.appeal(turn=row, actor=user_of(request), now=timezone.now(), **asked.validated_data)
        return Response(whole(request, project, pk), 201)


def chat_project(request: Request, pk: int) -> Project:
    return project_where(request, pk, "chat")


def conversation_for(request: Request, project: int, pk: int) -> Conversation:
    return row_for(queries.conversations_of(chat_project(request, project), user_of(request)), pk=pk)


def turn_for(request: Request, project: int, pk: int, turn: int) -> Turn:
    conversation = conversation_for(request, project, pk)
    found: Turn = row_for(queries.turns_of(conversation), pk=turn)
    found.conversation = conversation
    return found


def whole(request: Request, project: int, pk: int) -> Any:
    conversation: Any = conversation_for(request, project, pk)
    conversation.tree = queries.turns_of(conversation)
    return ConversationDetailOut(conversation).data


def setup_for(request: Request, project: Project) -> Any:
    found, person = queries.setup_of(project), user_of(request)
    filters = queries.filters_for(project) if can(person, "manage_chat", project) else []
    two = queries.two_answers_of(project) if can(person, "ask_for_two_answers", project) else None
    return ChatSetupOut(
        {
            "models": found.partners,
            "filter": found.filter,
            "filters": filters,
            "missing": found.missing,
            "always": queries.has_standing_consent(project, person),
            "reasons": actions.REASONS,
            "two_answers": two,
        }
    ).data


_ONE = "projects/<int:project>/conversations/<int:pk>/"
urlpatterns = [
    path("projects/<int:project>/chat/", Chat.as_view()),
    path("projects/<int:project>/conversations/", Conversations.as_view()),
    path(_ONE, ConversationDetail.as_view()),
    path(f"{_ONE}export/", ExportConversation.as_view()),
    path(f"{_ONE}consent/", Consent.as_view()),
    path(f"{_ONE}turns/<int:turn>/stop/", StopTurn.as_view()),
    path(f"{_ONE}turns/<int:turn>/feedback/", TurnFeedback.as_view()),
    path(f"{_ONE}turns/<int:turn>/appeal/", AppealTurn.as_view()),
]
