"""The annotator's day: queues, claims, drafts, answers. Completions appear as c1 … cK and nothing else."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import choice_in, row_for, user_of
from annotation.api.idempotency import Repeat
from annotation.api.prompts import MessageShape
from annotation.assignment import actions, queries
from annotation.assignment.models import Claim, ClaimState, SkipReason
from annotation.assignment.standing import NoWork
from annotation.projects.protocol import KINDS
from annotation.tasks.answers import to_labels
from annotation.tasks.models import Answer, AnswerState


class Named(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class ClaimOut(serializers.Serializer[Any]):
    class ProtocolOut(Named):
        config = serializers.DictField()

    class GuidelineOut(serializers.Serializer[Any]):
        number = serializers.IntegerField()
        markdown = serializers.CharField()

    class ShownCompletion(serializers.Serializer[Any]):
        label = serializers.CharField()
        text = serializers.CharField()

    class BriefOut(serializers.Serializer[Any]):
        """What a prompt is to be written for, where the work is to write one."""

        style = serializers.CharField()
        text = serializers.CharField()
        use_case = serializers.CharField()

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=list(KINDS))
    state = serializers.ChoiceField(choices=ClaimState.choices)
    project = Named()
    protocol = ProtocolOut()
    guideline = GuidelineOut(allow_null=True)
    is_reopened = serializers.BooleanField(help_text="An own answer, to be handed in in another form.")
    messages = MessageShape(many=True)
    brief = BriefOut(allow_null=True)
    completions = ShownCompletion(many=True)
    draft = serializers.DictField(allow_null=True)
    draft_seconds = serializers.FloatField()
    draft_step_seconds = serializers.DictField(child=serializers.FloatField())
    draft_saved_at = serializers.DateTimeField(allow_null=True)
    shown_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()
    lease_seconds = serializers.IntegerField()


NO_WORK = [reason.value for reason in NoWork]


class QueueOut(serializers.Serializer[Any]):
    class ProtocolOut(Named):
        kind = serializers.ChoiceField(choices=list(KINDS))

    project = Named(source="protocol.project")
    protocol = ProtocolOut()
    available = serializers.BooleanField()
    no_work = serializers.ChoiceField(choices=NO_WORK, allow_null=True, help_text="Why there is nothing for you.")
    answered_by_me = serializers.IntegerField()
    answered_today = serializers.IntegerField()


class WorkOut(serializers.Serializer[Any]):
    queues = QueueOut(many=True)
    claims = ClaimOut(many=True)


class NextOut(serializers.Serializer[Any]):
    next = ClaimOut(allow_null=True)
    no_work = serializers.ChoiceField(choices=NO_WORK, allow_null=True, help_text="Why there is no next task.")


class SubmittedOut(NextOut):
    class Stored(serializers.Serializer[Any]):
        id = serializers.IntegerField()
        is_spare = serializers.BooleanField()
        submitted_at = serializers.DateTimeField()

    answer = Stored()


class Work(APIView):
    @extend_schema(responses=WorkOut)
    def get(self, request: Request) -> Response:
        """List my queues, and the claims I left open."""
        user, now = user_of(request), timezone.now()
        body = {
            "queues": queries.queues_of(user, now),
            "claims": [_shown(claim) for claim in queries.open_claims_of(user, now)],
        }
        return Response(WorkOut(body).data)


class Claims(APIView):
    class Input(serializers.Serializer[Any]):
        protocol = serializers.IntegerField()

    @extend_schema(request=Input, responses={201: ClaimOut, 204: None})
    def post(self, request: Request) -> Response:
        """Claim the next task of a protocol; 204 when there is none for me."""
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        protocol = row_for(queries.protocols_seen_by(user_of(request)), pk=given.validated_data["protocol"])
        claim = actions.claim_next(protocol=protocol, actor=user_of(request), now=timezone.now())
        if claim is None:
            return Response(status=204)
        return Response(_shown(claim), 201)


class ClaimDetail(APIView):
    @extend_schema(responses=ClaimOut)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        return Response(_shown(row_for(queries.claims_of(user_of(request)), pk=pk)))


class ShowClaim(APIView):
    on_repeat = Repeat.RUN  # a lease that has begun is only lengthened

    @extend_schema(request=None, responses=ClaimOut)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Begin the lease: the task is on screen."""
        claim = actions.show(claim_id=pk, actor=user_of(request), now=timezone.now())
        return Response(_claim_body(claim, request))


class Heartbeat(APIView):
    on_repeat = Repeat.RUN  # the lease is lengthened, as it would be anyway

    class Output(serializers.Serializer[Any]):
        expires_at = serializers.DateTimeField()

    @extend_schema(request=None, responses=Output)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Lengthen the lease: the task is still on screen."""
        claim = actions.show(claim_id=pk, actor=user_of(request), now=timezone.now())
        return Response({"expires_at": claim.expires_at})


class Draft(APIView):
    on_repeat = Repeat.RUN  # the draft that comes last stands

    class Input(serializers.Serializer[Any]):
        payload = serializers.DictField()
        seconds = serializers.FloatField(min_value=0)
        step_seconds = serializers.DictField(
            child=serializers.FloatField(min_value=0), required=False, help_text="Active seconds by step."
        )

    class Output(serializers.Serializer[Any]):
        saved_at = serializers.DateTimeField()

    @extend_schema(request=Input, responses=Output)
    def put(self, request: Request, pk: uuid.UUID) -> Response:
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        claim = actions.save_draft(claim_id=pk, actor=user_of(request), now=timezone.now(), **given.validated_data)
        return Response({"saved_at": claim.draft_saved_at})


class Submit(APIView):
    on_repeat = Repeat.RUN  # the key is in the body, and stays with the answer

    class Input(Draft.Input):
        class Evidence(serializers.Serializer[Any]):
            class Paste(serializers.Serializer[Any]):
                characters = serializers.IntegerField(min_value=0)
                at_seconds = serializers.FloatField(min_value=0)

            pastes = Paste(many=True, required=False)

        idempotency_key = serializers.UUIDField()
        evidence = Evidence(required=False, help_text="How the text came about; never held against its author.")
        showing = serializers.UUIDField(
            required=False, allow_null=True, help_text="A claim fetched ahead that is on screen now: its lease begins."
        )

    @extend_schema(request=Input, responses=SubmittedOut)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Store the answer and claim the next task in the same round trip. Sent again, it stores nothing twice."""
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        body = given.validated_data
        timing = actions.Timing(
            body["seconds"], body.get("step_seconds"), tuple(body.get("evidence", {}).get("pastes", ()))
        )
        done = actions.hand_in(
            claim_id=pk,
            actor=user_of(request),
            payload=body["payload"],
            timing=timing,
            idempotency_key=body["idempotency_key"],
            showing=body.get("showing"),
            now=timezone.now(),
        )
        stored = {name: getattr(done.answer, name) for name in ("id", "is_spare", "submitted_at")}
        shown = _shown(done.next) if done.next else None
        return Response({"answer": stored, "next": shown, "no_work": done.no_work})


class Skip(APIView):
    class Input(serializers.Serializer[Any]):
        reason = serializers.ChoiceField(choices=SkipReason.choices)
        note = serializers.CharField(required=False, allow_blank=True, max_length=2000)

    @extend_schema(request=Input, responses=NextOut)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        actions.skip(claim_id=pk, actor=user_of(request), now=timezone.now(), **given.validated_data)
        return Response(_next(pk, request))


class Release(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        actions.release(claim_id=pk, actor=user_of(request), now=timezone.now())
        return Response(status=204)


class Reopen(APIView):
    @extend_schema(request=None, responses={201: ClaimOut})
    def post(self, request: Request, pk: int) -> Response:
        """Open an own answer again, to hand it in in another form; possible until a release holds it."""
        answer = row_for(queries.answers_of(user_of(request)), pk=pk)
        claim = actions.reopen(answer=answer, actor=user_of(request), now=timezone.now())
        return Response(_claim_body(claim, request), 201)


class MyAnswerOut(serializers.ModelSerializer[Answer]):
    project = Named(source="task.protocol.project")
    protocol = Named(source="task.protocol")
    kind = serializers.ChoiceField(choices=list(KINDS), source="task.protocol.kind")
    messages = MessageShape(many=True, source="task.prompt.messages", default=[])
    payload = serializers.SerializerMethodField()

    class Meta:
        model = Answer
        fields = (
            "id", "project", "protocol", "kind", "messages", "submitted_at", "is_spare", "seconds", "payload", "state",
            "review_note", "frozen_at",
        )  # fmt: skip

    @extend_schema_field(serializers.DictField())
    def get_payload(self, answer: Answer) -> Any:
        return to_labels(answer.task.protocol.kind, answer.payload, answer.shown_order)


class MyAnswers(ListAPIView[Answer]):
    serializer_class = MyAnswerOut

    def get_queryset(self) -> Any:
        state = choice_in(self.request, "state", AnswerState.values)
        rows = queries.answers_of(user_of(self.request))
        return rows.filter(state=state) if state else rows

    @extend_schema(parameters=[OpenApiParameter("state", str, enum=AnswerState.values)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


def _next(pk: uuid.UUID, request: Request) -> Any:
    """Claim what comes after this claim, or say why nothing does."""
    claim, reason = actions.claim_after(claim_id=pk, actor=user_of(request), now=timezone.now())
    return {"next": _shown(claim) if claim else None, "no_work": reason}


def _claim_body(claim: Claim, request: Request) -> Any:
    return _shown(row_for(queries.claims_of(user_of(request)), pk=claim.pk))


def _shown(claim: Claim) -> dict[str, Any]:
    """Return a claim as ClaimOut describes it: written out here, since every hand-over pays for it."""
    protocol, guideline = claim.task.protocol, claim.guideline_version
    return {
        "id": claim.pk,
        "kind": protocol.kind,
        "state": claim.state,
        "is_reopened": claim.answer_id is not None,
        "project": {"id": protocol.project_id, "name": protocol.project.name},
        "protocol": {"id": protocol.pk, "name": protocol.name, "config": claim.protocol_version.config},
        "guideline": {"number": guideline.number, "markdown": guideline.markdown} if guideline else None,
        "messages": claim.task.prompt.messages if claim.task.prompt_id else [],
        "brief": {"style": "", "text": "", "use_case": "", **claim.task.brief} if claim.task.brief else None,
        "completions": [{"label": label, "text": text} for label, text in queries.completions_of(claim)],
        "draft": claim.draft,
        "draft_seconds": claim.draft_seconds,
        "draft_step_seconds": claim.draft_step_seconds,
        "draft_saved_at": claim.draft_saved_at,
        "shown_at": claim.shown_at,
        "expires_at": claim.expires_at,
        "lease_seconds": protocol.lease_seconds,
    }
