"""Taking words back: one's own, or another's by a manager; and what a person has given to which project."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_where, row_for, user_of
from annotation.api.releases import ReleaseOut, release_for
from annotation.api.work_shapes import Named
from annotation.exports import actions as export_actions
from annotation.exports.jobs import freeze_release
from annotation.people.models import User, Withdrawal
from annotation.projects.models import Project
from annotation.projects.protocol import KINDS
from annotation.registry import given, withdrawals
from annotation.tasks.models import Answer, Prompt

_REASON = {"required": False, "allow_blank": True, "max_length": withdrawals.REASON_CHARACTERS}


class WithdrawalOut(serializers.ModelSerializer[Withdrawal]):
    person = Named(allow_null=True)
    actor = Named()
    prompt_id = serializers.IntegerField(source="prompt_ref", allow_null=True)
    answer_id = serializers.IntegerField(source="answer_ref", allow_null=True)

    class Meta:
        model = Withdrawal
        fields = ("id", "kind", "person", "actor", "prompt_id", "answer_id", "reason", "answers", "created_at")


class GivenOut(serializers.Serializer[Any]):
    class OfKind(serializers.Serializer[Any]):
        kind = serializers.ChoiceField(choices=list(KINDS))
        answers = serializers.IntegerField()

    project = Named()
    answers = serializers.IntegerField(help_text="That still stand.")
    kinds = OfKind(many=True, help_text="The same by the kind of work.")
    prompts = serializers.IntegerField()
    completions = serializers.IntegerField()
    releases = serializers.IntegerField(help_text="In how many they are.")
    models = serializers.IntegerField(help_text="How many learned from those.")
    withdrawals = WithdrawalOut(many=True)


class MyDataOut(serializers.Serializer[Any]):
    results = GivenOut(many=True)


class MyData(APIView):
    @extend_schema(responses=MyDataOut)
    def get(self, request: Request) -> Response:
        """List what one has given to each project, those left behind too."""
        return Response(MyDataOut({"results": given.given_by(user_of(request))}).data)


class MyWithdrawals(APIView):
    class Input(serializers.Serializer[Any]):
        project = serializers.IntegerField()
        prompt = serializers.IntegerField(required=False, allow_null=True, help_text="An own prompt.")
        answer = serializers.IntegerField(required=False, allow_null=True, help_text="An own answer; else all work.")
        reason = serializers.CharField(**_REASON)

        def validate(self, fields: Any) -> Any:
            if fields.get("prompt") is not None and fields.get("answer") is not None:
                raise serializers.ValidationError({"answer": "give either a prompt or an answer, or neither"})
            return fields

    @extend_schema(request=Input, responses={201: WithdrawalOut})
    def post(self, request: Request) -> Response:
        """Take back all that one has given to a project, one prompt or one answer of one's own. Cannot be undone."""
        asked = self.Input(data=request.data)
        asked.is_valid(raise_exception=True)
        fields, person = asked.validated_data, user_of(request)
        project = row_for(given.projects_of(person), pk=fields["project"])
        how: dict[str, Any] = {"actor": person, "now": timezone.now(), "reason": fields.get("reason", "")}
        if fields.get("prompt") is not None:
            prompt = row_for(Prompt.objects.filter(project=project, author=person), pk=fields["prompt"])
            row = withdrawals.withdraw_prompt(prompt=prompt, **how)
        elif fields.get("answer") is not None:
            answer = row_for(_answers_in(project).filter(annotator=person), pk=fields["answer"])
            row = withdrawals.withdraw_answer(answer=answer, **how)
        else:
            row = withdrawals.withdraw_work(project=project, person=person, **how)
        return Response(WithdrawalOut(row).data, 201)


class Withdrawals(ListAPIView[Withdrawal]):
    serializer_class = WithdrawalOut

    class Input(serializers.Serializer[Any]):
        person = serializers.IntegerField(required=False, allow_null=True)
        prompt = serializers.IntegerField(required=False, allow_null=True)
        answer = serializers.IntegerField(required=False, allow_null=True)
        reason = serializers.CharField(**_REASON)

        def validate(self, fields: Any) -> Any:
            given = [name for name in ("person", "prompt", "answer") if fields.get(name) is not None]
            if len(given) != 1:
                raise serializers.ValidationError({"person": "give one of a person, a prompt and an answer"})
            return fields

    def get_queryset(self) -> Any:
        return given.withdrawals_in(self._project())

    @extend_schema(request=Input, responses={201: WithdrawalOut})
    def post(self, request: Request, project: int) -> Response:
        """Take back, on their behalf, all that a person has given, a prompt or an answer. Cannot be undone."""
        parent = self._project()
        asked = self.Input(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        how: dict[str, Any] = {"actor": user_of(request), "now": timezone.now(), "reason": fields.get("reason", "")}
        if fields.get("prompt") is not None:
            prompt = row_for(Prompt.objects.filter(project=parent), pk=fields["prompt"])
            row = withdrawals.withdraw_prompt(prompt=prompt, **how)
        elif fields.get("answer") is not None:
            answer = row_for(_answers_in(parent), pk=fields["answer"])
            row = withdrawals.withdraw_answer(answer=answer, **how)
        else:
            row = withdrawals.withdraw_work(project=parent, person=_giver(parent, fields["person"]), **how)
        return Response(WithdrawalOut(row).data, 201)

    def _project(self) -> Project:
        return project_where(self.request, self.kwargs["project"], "withdraw_data")


class Correct(APIView):
    @extend_schema(request=None, responses={202: ReleaseOut})
    def post(self, request: Request, project: int, pk: int) -> Response:
        """Freeze the release that takes a stale one's place: the same answers without those withdrawn since."""
        stale = release_for(request, project, pk)
        release = export_actions.request_correction(release=stale, actor=user_of(request), now=timezone.now())
        freeze_release.delay_on_commit(release_id=release.pk)
        return Response(ReleaseOut(release_for(request, project, release.pk)).data, 202)


def _answers_in(project: Project) -> QuerySet[Answer]:
    return Answer.objects.filter(task__protocol__project=project).select_related("task__protocol__project")


def _giver(project: Project, pk: int) -> User:
    """Return a person who has given something to the project, else answer 404."""
    person = User.objects.filter(pk=pk).first()
    if person is None or not given.projects_of(person).filter(pk=project.pk).exists():
        raise Http404
    return person


urlpatterns = [
    path("me/data/", MyData.as_view()),
    path("me/withdrawals/", MyWithdrawals.as_view()),
    path("projects/<int:project>/withdrawals/", Withdrawals.as_view()),
    path("projects/<int:project>/releases/<int:pk>/correct/", Correct.as_view()),
]
