"""Which of a project's prompts are near-duplicates of each other: the only writer of Prompt.cluster_id.

Digests are made once a prompt and kept, so that a search after an import costs what is new. Clusters are made anew from
all digests: the server sorts each band, and only what meets another there leaves it, so memory holds one band's
neighbours at a time. A prompt is in a cluster with whatever it is like, and with what that is like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from annotation.projects.models import Project
from annotation.tasks.models import Prompt, PromptSketch
from annotation.tasks.sketches import ALIKE, BAND_SLOTS, BANDS, SLOT_BYTES, Components, digests, likeness, recipe

BATCH = 500
# Of those that meet in a band a newcomer is compared with so many that are unlike each other.
_COMPARED = 16
_WRITTEN = 5_000
# For pg_advisory_xact_lock, with the project's id: searches of one project make its clusters one after the other.
_LOCK = 0x636C7573


def unsketched(project: Project) -> QuerySet[Prompt]:
    sketched = PromptSketch.objects.filter(prompt=OuterRef("pk"), recipe=recipe())
    return Prompt.objects.filter(~Exists(sketched), project=project)


def sketch(project: Project, *, on_progress: Callable[[int], None]) -> int:
    """Make the digests that are missing, a batch at a time; return how many. Safe to break off and begin again."""
    done = last = 0
    while prompts := list(unsketched(project).filter(pk__gt=last).order_by("pk").values_list("pk", "messages")[:BATCH]):
        made = digests(messages for _, messages in prompts)
        rows = [
            PromptSketch(prompt_id=pk, project=project, recipe=recipe(), digest=digest)
            for (pk, _), digest in zip(prompts, made, strict=True)
        ]
        PromptSketch.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["prompt"], update_fields=["recipe", "digest"]
        )
        done, last = done + len(prompts), prompts[-1][0]
        on_progress(done)
    return done


@transaction.atomic
def regroup(project: Project, *, on_band: Callable[[], None]) -> Mapping[str, int]:
    """Make the clusters anew from all digests; return how many there are, and of how many prompts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, project.pk % 2**31])
    found = Components()
    for band in range(BANDS):
        for bucket in _buckets(project, band):
            _compare(bucket, found)
        on_band()
    clusters = found.all()
    _store(project, clusters)
    return {"clusters": len(set(clusters.values())), "prompts": len(clusters)}


def _buckets(project: Project, band: int) -> Iterator[list[tuple[int, bytes]]]:
    """Yield id and digest of those that have a band in common, in the order of their ids."""
    width = BAND_SLOTS * SLOT_BYTES
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            """
            SELECT prompt_id, digest, band FROM (
                SELECT prompt_id, digest, band, count(*) OVER (PARTITION BY band) AS together FROM (
                    SELECT prompt_id, digest, substring(digest FROM %(start)s FOR %(width)s) AS band
                    FROM tasks_promptsketch WHERE project_id = %(project)s AND recipe = %(recipe)s
                ) AS parted
            ) AS counted WHERE together > 1 ORDER BY band, prompt_id
            """,
            {"start": band * width + 1, "width": width, "project": project.pk, "recipe": recipe()},
        )
        for _, rows in groupby(cursor, key=lambda row: bytes(row[2])):
            yield [(pk, bytes(digest)) for pk, digest, _ in rows]


def _compare(bucket: list[tuple[int, bytes]], found: Components) -> None:
    unlike: list[tuple[int, bytes]] = []
    for pk, digest in bucket:
        like = next((other for other, kept in unlike if likeness(digest, kept) >= ALIKE), None)
        if like is not None:
            found.join(pk, like)
        elif len(unlike) < _COMPARED:
            unlike.append((pk, digest))


def _store(project: Project, clusters: Mapping[int, int]) -> None:
    """Write what differs from what is stored."""
    stored = dict(Prompt.objects.filter(project=project, cluster_id__isnull=False).values_list("pk", "cluster_id"))
    changed = [(pk, clusters.get(pk)) for pk in {*stored, *clusters} if stored.get(pk) != clusters.get(pk)]
    changed.sort(key=itemgetter(0))
    with connection.cursor() as cursor:
        for start in range(0, len(changed), _WRITTEN):
            rows = changed[start : start + _WRITTEN]
            cursor.execute(
                """
                UPDATE tasks_prompt AS prompt SET cluster_id = given.cluster_id
                FROM unnest(%s::bigint[], %s::bigint[]) AS given (id, cluster_id) WHERE prompt.id = given.id
                """,
                [[pk for pk, _ in rows], [cluster for _, cluster in rows]],
            )
