"""The answers browser: filtered lists, an answer in full, and what reviewers decide."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import choice_in, number_in, project_where, row_for, user_of
from annotation.api.prompts import CompletionOut, MessageShape
from annotation.api.releases import WithdrawnOut
from annotation.api.tasks import TaskOut
from annotation.api.work_shapes import Named
from annotation.projects.models import Project
from annotation.projects.permissions import require
from annotation.projects.protocol import KINDS
from annotation.quality import actions, queries
from annotation.quality.jobs import compare_task
from annotation.quality.models import Level, Review, Verdict
from annotation.quality.queries import AnswerFilter
from annotation.tasks.models import Answer, AnswerState

FILTERS = [
    OpenApiParameter("q", str, description="In prompt or answer, among the newest 50,000 of the other filters."),
    OpenApiParameter("protocol", int),
    OpenApiParameter("annotator", int),
    OpenApiParameter("kind", str, enum=list(KINDS)),
    OpenApiParameter("state", str, enum=AnswerState.values),
    OpenApiParameter("agreement", str, enum=Level.values, description="With the other answers to the same task."),
    OpenApiParameter("flag", str, description="A flag that is ticked, or all_bad; sought as `q` is."),
    OpenApiParameter("guideline", int, description="The number of a guideline version."),
    OpenApiParameter("since", date, description="The first day, in UTC."),
    OpenApiParameter("until", date, description="The last day, in UTC."),
]


# What an answer whose words were taken back shows in their place.
_NO_WORDS: dict[str, Any] = {
    "payload": {},
    "messages": [],
    "completions": [],
    "brief": {},
    "review_note": "",
    "evidence": {},
    "reviews": [],
}


class AnswerOut(serializers.ModelSerializer[Answer]):
    annotator = Named()
    protocol = TaskOut.ProtocolOut(source="task.protocol")
    task_id = serializers.IntegerField()
    prompt_id = serializers.IntegerField(source="task.prompt_id", allow_null=True)
    messages = MessageShape(many=True, source="task.prompt.messages", default=[])
    protocol_version = serializers.IntegerField(source="protocol_version.number")
    guideline_version = serializers.IntegerField(source="guideline_version.number", allow_null=True, default=None)
    agreement = serializers.FloatField(
        source="agreement.agreement", allow_null=True, default=None, help_text="With the others' answers, 0 to 1."
    )

    withdrawn = serializers.SerializerMethodField(help_text="If its words were taken back: they are left out.")

    class Meta:
        model = Answer
        fields = (
            "id", "task_id", "protocol", "prompt_id", "messages", "annotator", "payload", "shown_order", "revision",
            "is_spare", "state", "agreement", "protocol_version", "guideline_version", "seconds", "source_kind",
            "submitted_at", "withdrawn",
        )  # fmt: skip

    def to_representation(self, answer: Answer) -> Any:
        """Leave out every word of what was taken back, and of what it was an answer to."""
        shown = super().to_representation(answer)
        return shown | {name: empty for name, empty in _NO_WORDS.items() if name in shown and answer.is_hidden}

    @extend_schema_field(WithdrawnOut(allow_null=True))
    def get_withdrawn(self, answer: Answer) -> Any:
        return WithdrawnOut(answer).data if answer.is_hidden else None


class ReviewOut(serializers.ModelSerializer[Review]):
    reviewer = Named()

    class Meta:
        model = Review
        fields = ("id", "revision", "verdict", "reason", "reviewer", "created_at")


class AnswerDetailOut(AnswerOut):
    class OtherOut(serializers.ModelSerializer[Answer]):
        annotator = Named()
        agreement = serializers.FloatField(source="agreement.agreement", allow_null=True, default=None)

        class Meta:
            model = Answer
            fields = ("id", "annotator", "payload", "is_spare", "state", "agreement")

        def to_representation(self, answer: Answer) -> Any:
            return super().to_representation(answer) | ({"payload": {}} if answer.is_hidden else {})

    brief = serializers.DictField(source="task.brief")
    config = serializers.DictField(source="protocol_version.config", help_text="The rules it was given under.")
    completions = CompletionOut(many=True, source="task.completions")
    reviews = ReviewOut(many=True)
    others = serializers.SerializerMethodField()

    class Meta(AnswerOut.Meta):
        more = ("brief", "config", "step_seconds", "evidence", "review_note", "completions", "reviews", "others")
        fields = (*AnswerOut.Meta.fields, *more)

    @extend_schema_field(OtherOut(many=True))
    def get_others(self, answer: Answer) -> Any:
        rest = [other for other in answer.task.answers.all() if other.pk != answer.pk]
        return self.OtherOut(rest, many=True).data


class Answers(ListAPIView[Answer]):
    serializer_class = AnswerOut

    def get_queryset(self) -> Any:
        project = _readable_project(self.request, self.kwargs["project"])
        return queries.answers_in(project, user_of(self.request), _filter_in(self.request))

    @extend_schema(parameters=FILTERS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List a project's answers, newest first."""
        return super().get(request, *args, **kwargs)


class AnswerDetail(APIView):
    @extend_schema(responses=AnswerDetailOut)
    def get(self, request: Request, project: int, pk: int) -> Response:
        return Response(AnswerDetailOut(_answer(request, project, pk)).data)


class Neighbours(APIView):
    class Output(serializers.Serializer[Any]):
        newer = serializers.IntegerField(allow_null=True)
        older = serializers.IntegerField(allow_null=True)

    @extend_schema(parameters=FILTERS, responses=Output)
    def get(self, request: Request, project: int, pk: int) -> Response:
        """Tell which answers stand before and after this one in the filtered list."""
        parent = _readable_project(request, project)
        newer, older = queries.neighbours(queries.answers_in(parent, user_of(request), _filter_in(request)), pk)
        return Response({"newer": newer, "older": older})


class AnswerPeople(APIView):
    class Output(serializers.Serializer[Any]):
        results = Named(many=True)

    @extend_schema(responses=Output)
    def get(self, request: Request, project: int) -> Response:
        """List the people who have answered in the project."""
        people = queries.people_of(_readable_project(request, project))
        return Response(self.Output({"results": people}).data)


class ReviewAnswer(APIView):
    class Input(serializers.Serializer[Any]):
        verdict = serializers.ChoiceField(choices=Verdict.choices)
        revision = serializers.IntegerField(min_value=1, help_text="The form of the answer that was read.")
        reason = serializers.CharField(required=False, allow_blank=True, max_length=actions.REASON_CHARACTERS)

    @extend_schema(request=Input, responses=AnswerDetailOut)
    def post(self, request: Request, project: int, pk: int) -> Response:
        """Accept, return with a reason, strike, or take the verdict before it back. Sent again, it adds nothing."""
        answer = _answer(request, project, pk)
        require(user_of(request), "review_answers", answer.task.protocol.project)
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        actions.review_answer(answer=answer, actor=user_of(request), now=timezone.now(), **given.validated_data)
        compare_task.delay_on_commit(task_id=answer.task_id)
        return Response(AnswerDetailOut(_answer(request, project, pk)).data)


def _readable_project(request: Request, pk: int) -> Project:
    return project_where(request, pk, "view_answers")


def _answer(request: Request, project: int, pk: int) -> Answer:
    parent = _readable_project(request, project)
    return row_for(queries.answer_in_full(parent, user_of(request)), pk=pk)


def _filter_in(request: Request) -> AnswerFilter:
    flag = request.query_params.get("flag", "")
    if flag and not queries.IS_FLAG_NAME(flag):
        raise ValidationError({"flag": "must be the name of a flag: small letters, digits and underscores"})
    until = _day_in(request, "until")
    return AnswerFilter(
        text=request.query_params.get("q", "").replace("\x00", ""),
        protocol=number_in(request, "protocol"),
        annotator=number_in(request, "annotator"),
        kind=choice_in(request, "kind", list(KINDS)),
        state=choice_in(request, "state", AnswerState.values),
        agreement=choice_in(request, "agreement", Level.values),
        flag=flag,
        guideline=number_in(request, "guideline"),
        since=_day_in(request, "since"),
        until=until and until + timedelta(days=1),
    )


def _day_in(request: Request, name: str) -> datetime | None:
    """Return the first moment of a day in the address's query, None where there is none. Raise ValidationError."""
    given = request.query_params.get(name)
    if not given:
        return None
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise ValidationError({name: "must be a day written as YYYY-MM-DD, as in 2026-01-31"}) from None
    if not 1900 <= day.year <= 2999:
        raise ValidationError({name: "must be a day between the years 1900 and 2999"})
    return midnight(day)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
