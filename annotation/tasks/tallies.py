"""How many tasks a protocol has, without counting them: sums over what models.Tally says has changed."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet, Sum

from annotation.projects.models import Protocol
from annotation.tasks.models import Tally

# Whoever folds at the same time finds these rows gone and has nothing to sum.
_FOLD = """
    WITH gone AS (
        DELETE FROM tasks_tally WHERE (protocol_id, language) IN
            (SELECT protocol_id, language FROM tasks_tally GROUP BY 1, 2 HAVING count(*) > 1)
        RETURNING protocol_id, language, open, done, missing
    )
    INSERT INTO tasks_tally (protocol_id, language, open, done, missing)
    SELECT protocol_id, language, sum(open), sum(done), sum(missing) FROM gone GROUP BY 1, 2
"""


class TaskCounts(NamedTuple):
    open: int = 0
    done: int = 0
    # Answers that the open tasks still want.
    missing: int = 0


def fold_tallies() -> None:
    """Sum up what was written since the last time. Safe to run in several places at once."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)


def task_counts(protocols: QuerySet[Protocol]) -> dict[tuple[int, str], TaskCounts]:
    """Return the counts by protocol and language; one query over as many rows as changed since the last fold."""
    rows: Any = Tally.objects.filter(protocol__in=protocols).values_list("protocol", "language")
    sums = rows.annotate(Sum("open"), Sum("done"), Sum("missing"))
    return {(protocol, language): TaskCounts(*counts) for protocol, language, *counts in sums}
