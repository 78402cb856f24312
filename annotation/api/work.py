"""The annotator's day: queues, claims, drafts. An answer is handed in by `hand_over`."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import row_for, user_of
from annotation.api.idempotency import Repeat
from annotation.api.work_shapes import ClaimOut, NextOut, WorkOut, shown
from annotation.assignment import actions, queries
from annotation.assignment.models import Claim, SkipReason


class Work(APIView):
    @extend_schema(responses=WorkOut)
    def get(self, request: Request) -> Response:
        """List my queues, and the claims I left open; then those that ran out with something written in them."""
        user, now = user_of(request), timezone.now()
        claims = queries.with_texts([*queries.open_claims_of(user, now), *queries.left_claims_of(user, now)])
        body = {"queues": queries.queues_of(user, now), "claims": [shown(claim) for claim in claims]}
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
        return Response(shown(claim), 201)


class ClaimDetail(APIView):
    @extend_schema(responses=ClaimOut)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        return Response(shown(row_for(queries.claims_of(user_of(request)), pk=pk)))


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


def _next(pk: uuid.UUID, request: Request) -> Any:
    """Claim what comes after this claim, or say why nothing does."""
    claim, reason = actions.claim_after(claim_id=pk, actor=user_of(request), now=timezone.now())
    return {"next": shown(claim) if claim else None, "no_work": reason}


def _claim_body(claim: Claim, request: Request) -> Any:
    return shown(row_for(queries.claims_of(user_of(request)), pk=claim.pk))
