"""Hand an answer in and get the next task: the round trip that annotators wait for all day."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import user_of
from annotation.api.idempotency import Repeat
from annotation.api.work import Draft
from annotation.api.work_shapes import SubmittedOut, shown
from annotation.assignment.submitting import hand_in
from annotation.assignment.timing import Timing
from annotation.people.models import User


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
        return Response(self.act(user_of(request), given.validated_data, pk=pk))

    def act(self, person: User, body: dict[str, Any], *, pk: uuid.UUID) -> dict[str, Any]:
        """Do it: what the short way has in common with the long one."""
        timing = Timing(body["seconds"], body.get("step_seconds"), tuple(body.get("evidence", {}).get("pastes", ())))
        done = hand_in(
            claim_id=pk,
            actor=person,
            payload=body["payload"],
            timing=timing,
            idempotency_key=body["idempotency_key"],
            showing=body.get("showing"),
            now=timezone.now(),
        )
        stored = {name: getattr(done.answer, name) for name in ("id", "is_spare", "submitted_at")}
        return {"answer": stored, "next": shown(done.next) if done.next else None, "no_work": done.no_work}
