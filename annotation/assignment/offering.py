"""What a person is handed next: what they hold unseen, else the head of their queue. Part of this room's actions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from annotation.assignment import handing
from annotation.assignment.emptiness import why_empty
from annotation.assignment.models import Claim
from annotation.assignment.queue import Walk, take_next, taking
from annotation.assignment.standing import NoWork, Standing, lanes, why_not
from annotation.people.models import User
from annotation.prepared import Asked

# The one on screen and the one fetched ahead.
MOST_OPEN_CLAIMS = 2
UNSHOWN_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Offer:
    """What waits for a person: a claim they hold already, walks along lanes of their queue, or nothing for a reason."""

    standing: Standing
    actor: User
    held: str | None = None
    reason: NoWork | None = None
    # Each with how likely its lane was to be the first.
    walks: tuple[tuple[Walk, float], ...] = ()

    @property
    def asked(self) -> list[Asked]:
        """Return the first walk's statement, where there is one: it may travel with others before it."""
        return [taking(walk) for walk, _ in self.walks[:1]]

    def claim(self, now: datetime, first: Sequence[list[Any]] = ()) -> tuple[Claim | None, NoWork | None]:
        """Return the next claim, or why there is none; `first` is what came of `asked` where it has been sent.

        The last thing in its transaction: with a new claim that one is over (see `prepared.together`).
        """
        if self.held:
            return handing.held_claim(self.held, self.actor), None
        for number, (walk, likelihood) in enumerate(self.walks):
            taken = take_next(walk, *(first if number == 0 else ()))
            if taken:
                lane = {"lane": walk.purpose, "lane_p": likelihood} if likelihood < 1 else {}
                expires_at = now + timedelta(seconds=UNSHOWN_SECONDS)
                claim = handing.open_claim(taken, self.standing, self.actor, lane, now=now, expires_at=expires_at)
                return claim, None
        return None, self.reason or why_empty(self.standing, self.actor)


def offer(standing: Standing, actor: User) -> Offer:
    """Say what waits for this person. They are locked."""
    if not standing.may_work(actor):
        return Offer(standing, actor, reason=NoWork.NOT_ELIGIBLE)
    here = [pk for pk, protocol_id, _ in standing.held if protocol_id == standing.protocol.pk]
    waiting = [pk for pk, protocol_id, shown in standing.held if not shown and pk in here]
    reason = why_not(standing, actor)
    if reason not in (NoWork.PAUSED, NoWork.NOT_AGREED) and (waiting or len(standing.held) >= MOST_OPEN_CLAIMS):
        return Offer(standing, actor, held=(waiting or here or [standing.held[0][0]])[0])
    if reason:
        return Offer(standing, actor, reason=reason)
    walker, protocol = standing.walker(actor), standing.protocol
    walks = (
        (Walk(protocol.pk, purpose, walker, standing.position(purpose, walker)), likelihood)
        for purpose, likelihood in lanes(protocol.calibration_share, random.random())
    )
    return Offer(standing, actor, walks=tuple(walks))


def next_claim(standing: Standing, actor: User, now: datetime) -> tuple[Claim | None, NoWork | None]:
    """Return the person's next claim, or why there is none. They are locked, and it is the transaction's last thing."""
    return offer(standing, actor).claim(now)
