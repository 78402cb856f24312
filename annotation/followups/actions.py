"""Follow finished answers: open the next task, once for each form of an answer, and take it back where it is struck.

What has been followed stands in the answer's row, written in the transaction that opens the task. So it does not
matter how often, how late or whether at all a message comes: the sweep finds what the rows say is still to do.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from annotation.followups import queries
from annotation.followups.rules import RULES
from annotation.projects.models import Protocol, ProtocolState
from annotation.tasks import following
from annotation.tasks.actions import TaskNotOpenable
from annotation.tasks.messages import BadMessages
from annotation.tasks.models import Answer, Purpose, Task

logger = logging.getLogger(__name__)

BATCH = 200


def follow_some(*, now: datetime, limit: int = BATCH) -> int:
    """Follow some of the answers that wait; return how many. Safe to run in several places at once."""
    done = 0
    for pk in queries.waiting(limit):
        try:
            done += follow_answer(answer_id=pk, now=now)
        except Exception:
            # The others need not wait for what is wrong with this one.
            logger.exception("Answer %s cannot be followed.", pk)
    return done


@transaction.atomic
def follow_answer(*, answer_id: int, now: datetime) -> bool:
    """Bring what follows an answer up to date with its present form; return False when there is nothing to do.

    A new form is followed anew: what the old one led to is taken back unless somebody holds or has answered it, for
    that is a judgement of the text as it was.
    """
    answer = following.take(answer_id)
    if answer is None:
        return False
    if following.is_taken_back(answer):
        following.withdraw(answer, now=now)
        following.mark(answer, revision=0)
        return True
    protocol = answer.task.protocol.follow_up
    if protocol is None or protocol.state == ProtocolState.ARCHIVED:
        return False
    task = _open_next(answer, protocol, now)
    following.withdraw(answer, but=task, now=now)
    following.mark(answer, revision=answer.revision)
    return True


def _open_next(answer: Answer, protocol: Protocol, now: datetime) -> Task | None:
    rule = RULES.get(answer.task.protocol.kind)
    if rule is None or answer.task.purpose != Purpose.WORK:
        return None
    try:
        with transaction.atomic():
            task, is_new = rule.open_next(answer, protocol, now)
            if not is_new:
                following.adopt(task, answer)
            return task
    except (TaskNotOpenable, BadMessages) as refused:
        logger.info("Nothing follows answer %s: %s", answer.pk, refused)
        return None
