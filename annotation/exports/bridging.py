"""Prompts that would stand on both sides of a split: they are left out, and counted.

Groups cannot, for a group has one split. Two trees of one file can begin with the same words, and two groups can hold
near-duplicates: the search for those has given them one cluster. Both are sought among what goes in alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Min, QuerySet
from django.db.models.functions import Length

from annotation.exports.choosing import PROMPT, going_in
from annotation.exports.selection import BY_ANNOTATOR, Selection
from annotation.projects.models import Project
from annotation.tasks.models import Prompt, PromptGroup
from annotation.tasks.splits import group_key_of

_CHUNK = 2_000


def bridging_prompts(project: Project, selection: Selection) -> frozenset[int]:
    """Return the prompts that stand in two splits of this selection. Two short queries where there can be none.

    Where annotators part the answers a group's split depends on who answered: there clusters are kept together (see
    `held_out`), and trees that begin alike are left out whichever side they would come to.
    """
    prompts = Prompt.objects.filter(pk__in=going_in(project, selection).values(PROMPT + "pk"))
    side = "group_id" if selection.split_by == BY_ANNOTATOR else "group__split"
    found = _alike_trees(project, prompts, side)
    return found if selection.split_by == BY_ANNOTATOR else found | _clusters(project, prompts)


def _clusters(project: Project, prompts: QuerySet[Prompt]) -> frozenset[int]:
    if not Prompt.objects.filter(project=project, cluster_id__isnull=False).exists():
        return frozenset()
    clustered = prompts.filter(cluster_id__isnull=False)
    sides = clustered.values("cluster_id").annotate(first=Min("group__split"), last=Max("group__split"))
    apart = sides.exclude(first=F("last")).values("cluster_id")
    return frozenset(clustered.filter(cluster_id__in=apart).values_list("pk", flat=True))


def _alike_trees(project: Project, prompts: QuerySet[Prompt], side: str) -> frozenset[int]:
    """Keep one entry a first turn of a named tree in memory."""
    if not _named(PromptGroup.objects.filter(project=project), "key").exists():
        return frozenset()
    named = _named(prompts, "group__key")
    side_of: dict[str, Any] = {}
    bridging = {key for _, found, key in _first_turns(named, side) if side_of.setdefault(key, found) != found}
    hashed = PromptGroup.objects.filter(project=project, prompts__in=prompts)
    for keys in batches(list(side_of), _CHUNK):
        rows = hashed.filter(key__in=keys).values_list("key", "id" if side == "group_id" else "split").distinct()
        bridging.update(key for key, found in rows if side_of[key] != found)
    if not bridging:
        return frozenset()
    in_trees = {pk for pk, _, key in _first_turns(named, side) if key in bridging}
    return frozenset(in_trees.union(prompts.filter(group__key__in=bridging).values_list("pk", flat=True)))


def _named(rows: QuerySet[Any], key: str) -> QuerySet[Any]:
    """Leave groups whose key is a name from a file, and not the hash of the first human turn itself.

    By its length first: an expression that counts to 64 costs the server ten times as much.
    """
    measured: QuerySet[Any] = rows.annotate(key_length=Length(key))
    return measured.exclude(key_length=64, **{f"{key}__regex": "^[0-9a-f]+$"})


def batches(items: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _first_turns(prompts: QuerySet[Prompt], side: str) -> Iterable[tuple[int, Any, str]]:
    with transaction.atomic():
        for pk, found, messages in prompts.values_list("pk", side, "messages").iterator(chunk_size=_CHUNK):
            yield pk, found, group_key_of(messages)
