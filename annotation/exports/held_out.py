"""Splits by a hash of the annotator: the people of the test split are not seen in training, nor are its prompts.

Where the people who answered a group (or a cluster of near-duplicates) stand in several splits, the group belongs to
the one that is held out furthest, and what the others said of it is left out and counted.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import F, Min, QuerySet, Window
from django.db.models.functions import Coalesce

from annotation.exports.choosing import (
    ANNOTATOR_IN_OTHER_SPLIT,
    PROMPT,
    TASK,
    WRITTEN_PROMPT_WITHOUT_SPLIT,
)
from annotation.exports.pseudonyms import Pseudonyms
from annotation.projects.models import Project
from annotation.tasks.splits import split_of

# Held out furthest first.
ORDER = ("test", "validation", "train")
LEFT_OUT = 0
_CHUNK = 2_000


class Sides:
    """The split of each revision of a selection, by its place among the ids; a byte each."""

    def __init__(self, ids: array[int]) -> None:
        self._ids, self._sides = ids, bytearray(len(ids))
        self.left_out = Counter[str]()

    def put(self, revision: int, split: str) -> None:
        place = bisect_left(self._ids, revision)
        # What came in since the ids were pinned is in no release yet.
        if place < len(self._ids) and self._ids[place] == revision:
            self._sides[place] = 1 + ORDER.index(split)

    def at(self, place: int) -> str | None:
        """Return the split of the revision at this place; None where it stays out."""
        side = self._sides[place]
        return None if side == LEFT_OUT else ORDER[side - 1]


def sides_of(project: Project, rows: QuerySet[Any], ids: array[int]) -> Sides:
    """Part the revisions by their annotators: `rows` of those that go in, `ids` sorted.

    One query; the answers to one group are in memory at a time.
    """
    sides, names = Sides(ids), Pseudonyms(project.pseudonym_key)
    sides.left_out[WRITTEN_PROMPT_WITHOUT_SPLIT] = rows.filter(**{TASK + "prompt": None}).count()
    cluster = Window(Min(PROMPT + "cluster_id"), partition_by=F(PROMPT + "group_id"))
    unit = Coalesce(cluster, -F(PROMPT + "group_id"))
    placed = rows.exclude(**{TASK + "prompt": None}).annotate(unit=unit).order_by("unit", "pk")
    with transaction.atomic():
        found = placed.values_list("unit", "pk", "answer__annotator_id").iterator(chunk_size=_CHUNK)
        for _, together in groupby(found, key=lambda row: row[0]):
            answers = [(pk, split_of(names[person])) for _, pk, person in together]
            theirs = min((split for _, split in answers), key=ORDER.index)
            for pk, split in answers:
                if split == theirs:
                    sides.put(pk, split)
                else:
                    sides.left_out[ANNOTATOR_IN_OTHER_SPLIT] += 1
    sides.left_out = +sides.left_out
    return sides
