"""Judges whom imported files name: person rows that never sign in, many at a time."""

from __future__ import annotations

from collections.abc import Mapping

from annotation.people.models import User


def ensure_judges(names: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], int]:
    """Return the person id of each (source, external id), given with the name to use for a new one. Two queries."""
    wanted = [
        User(source=source, external_id=external_id, name=name[:150], is_active=False, password="!")
        for (source, external_id), name in sorted(names.items())
    ]
    User.objects.bulk_create(wanted, ignore_conflicts=True)
    rows = User.objects.filter(
        source__in={source for source, _ in names}, external_id__in={external_id for _, external_id in names}
    )
    found = {(source, name): pk for pk, source, name in rows.values_list("pk", "source", "external_id")}
    return {key: found[key] for key in names}
