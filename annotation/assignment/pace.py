"""How one person is getting on, beside their own usual days: nobody is compared with anybody else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from annotation.people.models import User
from annotation.tasks.models import Answer

DAYS_SHOWN = 14
# Long enough to hold a month of working days, short enough to follow somebody who gets quicker.
DAYS_USUAL = 60
_HOUR_SECONDS = 3600


@dataclass(frozen=True)
class PaceDay:
    date: date
    answers: int = 0
    seconds: float = 0.0

    @property
    def answers_per_hour(self) -> float | None:
        """Return answers in an hour at the desk; None where no time was measured."""
        return self.answers / self.seconds * _HOUR_SECONDS if self.seconds else None


@dataclass(frozen=True)
class Pace:
    """The last days, today last, and the medians of the days before today on which the person worked."""

    days: list[PaceDay]
    usual_answers: float | None
    usual_per_hour: float | None

    @property
    def today(self) -> PaceDay:
        return self.days[-1]


def pace_of(user: User, *, now: datetime, protocol: int | None = None) -> Pace:
    """Return the person's pace in all their work, or in one protocol; one query along their latest answers."""
    today = timezone.localdate(now)
    since = timezone.make_aware(datetime.combine(today - timedelta(days=DAYS_USUAL), time.min))
    mine = Answer.objects.filter(annotator=user, source_kind="person", submitted_at__gte=since)
    days = (mine.filter(task__protocol=protocol) if protocol else mine).values_list(TruncDate("submitted_at"))
    rows: Any = days.annotate(Count("pk"), Sum("seconds"))
    worked = {day: PaceDay(day, count, seconds or 0.0) for day, count, seconds in rows}
    shown = [today - timedelta(days=ago) for ago in reversed(range(DAYS_SHOWN))]
    before = [day for day in worked.values() if day.date < today]
    return Pace(
        days=[worked.get(day, PaceDay(day)) for day in shown],
        usual_answers=_median(day.answers for day in before),
        usual_per_hour=_median(day.answers_per_hour for day in before),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
