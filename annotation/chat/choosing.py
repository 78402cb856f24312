"""Two answers and the choice between them: how often they are asked for, what is chosen, and which one goes on.

What a choice becomes, with consent, is in consenting.py. Part of this room's actions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from django.db import transaction
from django.db.models import Q

from annotation.assignment.timing import seconds_within
from annotation.chat import consenting, queries
from annotation.chat.models import (
    UNDECIDED,
    UNDER_WAY,
    ChatSetup,
    Choice,
    ChoiceState,
    ContinuesBy,
    Conversation,
    Turn,
    TurnState,
)
from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import GuidelineVersion, Project, ProtocolState, ProtocolVersion
from annotation.projects.permissions import require
from annotation.registry.models import Served, ServedState
from annotation.tasks import answers
from annotation.tasks.messages import BadMessages, check_text

PRESET, KIND = "hh_live", "comparison"
POLICY = "two_answers"


class NotChosen(Exception):
    """There are two answers here: one has to be chosen before anything follows."""


class NotChoosable(Exception):
    """There is nothing to choose between here, or it was chosen before."""


@dataclass(frozen=True)
class Asked:
    """Under what rules, how often and of whom another answer is asked."""

    share: float
    second: Served
    protocol_version: ProtocolVersion
    guideline_version: GuidelineVersion | None


@transaction.atomic
def ask_for_two(*, project: Project, share: float, second: Served | None, actor: User, now: datetime) -> None:
    """Say how often people get two answers, 0 for never, and from whom the other comes, None: the same model again.

    Their choices belong to the project's `hh_live` protocol, which is made with the first. Raise NotAllowed, BadField.
    """
    require(actor, "ask_for_two_answers", project)
    if not 0 <= share <= 1:
        raise BadField("share", "must be between 0 and 1")
    if second is not None and second not in queries.setup_of(project).partners:
        raise BadField("second", "must be a model that is served here to talk to")
    setup, _ = ChatSetup.objects.get_or_create(project=project, defaults={"changed_by": actor, "changed_at": now})
    setup.two_answers_share, setup.second = share, second
    if share and (setup.protocol is None or setup.protocol.state == ProtocolState.ARCHIVED):
        setup.protocol = project_actions.protocol_of_preset(preset=PRESET, project=project, actor=actor, now=now)
    setup.changed_by, setup.changed_at = actor, now
    setup.save()


def asked_of(conversation: Conversation) -> Asked | None:
    """Return how another answer is asked for in a conversation; None where none is, or nobody could give it now."""
    rows = ChatSetup.objects.filter(project=conversation.project, two_answers_share__gt=0)
    setup = rows.select_related("second__model", "protocol").first()
    if setup is None or setup.protocol is None or setup.protocol.state != ProtocolState.ACTIVE:
        return None
    second = setup.second or conversation.served
    is_up = second.model is None or second.state == ServedState.READY
    is_stale = second.model is not None and second.model.stale_at is not None
    if not (is_up and second.is_wanted and second.can_chat) or is_stale:
        return None
    return Asked(
        share=setup.two_answers_share,
        second=second,
        protocol_version=setup.protocol.versions.order_by("-number")[0],
        guideline_version=setup.protocol.guidelines.order_by("-number").first(),
    )


def begin(*, said: Turn, left: Turn, right: Turn, asked: Asked, now: datetime) -> Choice:
    """Two answers are being written."""
    return Choice.objects.create(
        said=said,
        left=left,
        right=right,
        protocol_version=asked.protocol_version,
        guideline_version=asked.guideline_version,
        selection={"policy": POLICY, "p": asked.share},
        asked_at=now,
    )


@transaction.atomic
def settle(*, said: Turn, now: datetime) -> Choice:
    """Say, once neither is being written any more, whether there is anything to choose. Repeated, it changes nothing.

    Where only one stands, that one is the answer; where both say the same, either.
    """
    choice = Choice.objects.select_for_update(of=("self",)).select_related("left", "right").get(said=said)
    sides = [choice.left, choice.right]
    if choice.state != ChoiceState.WRITING or any(turn.state in UNDER_WAY for turn in sides):
        return choice
    whole = [turn for turn in sides if turn.state == TurnState.COMPLETE and turn.text]
    if len(whole) == 2 and _differ(*whole):
        choice.state = ChoiceState.OPEN
    else:
        stopped = [turn for turn in sides if turn.state == TurnState.STOPPED and turn.text]
        choice.state, choice.continues = ChoiceState.DROPPED, next(iter([*whole, *stopped]), None)
        choice.continues_by = ContinuesBy.ALONE if choice.continues else ""
        choice.decided_at = now
    choice.save(update_fields=["state", "continues", "continues_by", "decided_at"])
    return choice


@transaction.atomic
def choose(
    *,
    turn: Turn,
    payload: Any,
    continue_with: str | None,
    seconds: float,
    actor: User,
    now: datetime,
    random: Random,
) -> Choice:
    """Choose between the two answers to what was said; `payload` is a comparison of left, c1, and right, c2.

    The better one goes on; where neither is, the one in `continue_with`, or else one by chance. With consent the
    choice becomes an answer of its protocol. Raise NotAllowed, NotChoosable, InvalidAnswer, BadField.
    """
    conversation = consenting.locked(turn.conversation, actor)
    rows = Choice.objects.select_related("left", "right", "protocol_version__protocol", "guideline_version", "said")
    choice = rows.filter(said=turn, state=ChoiceState.OPEN).first()
    if choice is None:
        raise NotChoosable("There is nothing to choose between here, or you have chosen already.")
    version = choice.protocol_version
    choice.payload = answers.check(KIND, version.config, payload, list(choice.sides))
    choice.continues, choice.continues_by = _continuing(choice, continue_with, random)
    choice.state, choice.seconds, choice.decided_at = ChoiceState.CHOSEN, seconds_within(seconds), now
    choice.save()
    consenting.contribute_choice(conversation, choice, now=now)
    return choice


def end_silent(*, before: datetime, now: datetime) -> None:
    """Settle what a process that is gone has left: its turns have been ended."""
    for choice in Choice.objects.filter(state=ChoiceState.WRITING, asked_at__lt=before).select_related("said"):
        settle(said=choice.said, now=now)


def beside(turn: Turn) -> list[int]:
    """Return the turn, and of two answers both."""
    choice = Choice.objects.filter(Q(left=turn) | Q(right=turn)).first()
    return [choice.left_id, choice.right_id] if choice else [turn.pk]


def require_chosen(said: Turn | None) -> None:
    """Raise NotChosen where two answers to this wait for their choice."""
    if said is not None and Choice.objects.filter(said=said, state__in=UNDECIDED).exists():
        raise NotChosen("There are two answers here: choose the one to go on with first.")


def _differ(one: Turn, other: Turn) -> bool:
    """Say whether both can be kept as completions, and as two. A model may write what is no text."""
    try:
        return check_text(one.text, "text").strip() != check_text(other.text, "text").strip()
    except BadMessages:
        return False


def _continuing(choice: Choice, continue_with: str | None, random: Random) -> tuple[Turn, ContinuesBy]:
    preferred = (choice.payload or {})["preferred"]
    if continue_with is not None and continue_with not in choice.sides:
        raise BadField("continue_with", f"must be one of {', '.join(choice.sides)}")
    if preferred is not None:
        if continue_with not in (None, preferred):
            raise BadField("continue_with", "must be the preferred answer, or be left out")
        return choice.sides[preferred], ContinuesBy.PREFERRED
    if continue_with is not None:
        return choice.sides[continue_with], ContinuesBy.PERSON
    return choice.sides[random.choice(sorted(choice.sides))], ContinuesBy.CHANCE
