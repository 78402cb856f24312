"""What somebody agrees to be shown, category by category: theirs to give, and to take back at any time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from annotation.people.actions import BadField
from annotation.people.models import ContentAgreement, User
from training.categories import CATEGORIES, in_order


@transaction.atomic
def agree_to(*, actor: User, categories: Collection[str], now: datetime) -> tuple[str, ...]:
    """Agree to these categories and to no others, and return them in order. Raise BadField.

    What was agreed to before and still is keeps its time.
    """
    unknown = sorted({*categories} - {*CATEGORIES})
    if unknown:
        raise BadField("agreed", f"{unknown[0]!r} is not one of {', '.join(CATEGORIES)}")
    rows = ContentAgreement.objects.filter(person=actor)
    rows.exclude(category__in=categories).delete()
    ContentAgreement.objects.bulk_create(
        (ContentAgreement(person=actor, category=category, agreed_at=now) for category in in_order(categories)),
        ignore_conflicts=True,
    )
    return agreed_by(actor)


def agreed_by(person: User) -> tuple[str, ...]:
    """Return what they agree to be shown."""
    return in_order(ContentAgreement.objects.filter(person=person).values_list("category", flat=True))
