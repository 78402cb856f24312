"""What the annotator's addresses answer with. Completions appear as c1 … cK and nothing else."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotation.api.prompts import MessageShape
from annotation.assignment import queries
from annotation.assignment.models import Claim, ClaimState
from annotation.assignment.standing import NoWork
from annotation.projects.protocol import KINDS


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
    to_agree = serializers.ListField(
        child=serializers.CharField(), help_text="What its texts may hold that you have still to agree to see."
    )
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


def shown(claim: Claim) -> dict[str, Any]:
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
