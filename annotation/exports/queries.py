"""Which answers a release is made of, and the rows behind them, laid out for millions.

A freeze reads a narrow list of revision ids once, as one snapshot, then the wide rows in batches by id:
revisions are append-only and completions immutable, so no transaction stays open while files are written.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Collate

from annotation.durable import JobState
from annotation.exports import storage, written
from annotation.exports.models import Release
from annotation.exports.selection import Selection
from annotation.projects.models import Project, Protocol
from annotation.projects.protocol import KINDS
from annotation.tasks.models import (
    AnswerRevision,
    AnswerState,
    Completion,
    Prompt,
    PromptGroup,
    Purpose,
    Split,
    TaskState,
)
from annotation.tasks.splits import group_key_of
from training.records import FileEntry, Manifest

# What a protocol's kind makes of its answers: the file of a release that they stand in.
RECORDS_OF_KIND = {kind.key: kind.record for kind in KINDS.values()}
RECORDS = ("demonstrations", "rankings", "judgements")

TASK_CANCELLED = "task_cancelled"
SPARE_ANSWER = "spare_answer"
STRUCK_ANSWER = "struck_answer"
KIND_WITHOUT_RECORD = "kind_without_record"
GROUP_IN_TWO_SPLITS = "group_in_two_splits"

_CHUNK = 2_000
_TASK = "answer__task__"
_PROMPT = "answer__task__prompt__"
# A group key that is the hash of the first human turn itself, and no name from a file.
_HASHED_KEY = r"^[0-9a-f]{64}$"


class ReleaseNotFrozen(Exception):
    """The release has no files yet, or never will."""


def manifest_of(release: Release) -> Manifest:
    """Return the frozen manifest. Raise ReleaseNotFrozen."""
    if release.state != JobState.DONE:
        raise ReleaseNotFrozen(f"This release is {release.state}: it has files once it is done.")
    return Manifest.from_json(release.manifest)


def stored_prefix(release: Release) -> str:
    """Return where the release's directory lies in the default storage. Raise ReleaseNotFrozen."""
    return storage.prefix_of(manifest_of(release).digest_sha256)


def file_of(release: Release, path: str) -> FileEntry | None:
    """Return the file of that path if the manifest lists it: no other path leads anywhere. Raise ReleaseNotFrozen."""
    return next((entry for entry in manifest_of(release).files if entry.path == path), None)


def selected(project: Project, selection: Selection) -> QuerySet[Any]:
    """Return the newest revision of every answer that the selection names, with `reason`: why it stays out, or ""."""
    rows = AnswerRevision.objects.filter(number=F("answer__revision"), answer__task__protocol__project=project)
    if selection.protocols:
        rows = rows.filter(answer__task__protocol__in=selection.protocols)
    if selection.languages:
        of_prompt = Q(answer__task__prompt__language__in=selection.languages)
        of_task = Q(answer__task__prompt=None, answer__task__language__in=selection.languages)
        rows = rows.filter(of_prompt | of_task)
    if selection.begins_at:
        rows = rows.filter(created_at__gte=selection.begins_at)
    if selection.ends_before:
        rows = rows.filter(created_at__lt=selection.ends_before)
    return rows.annotate(reason=_reason(selection))


def going_in(project: Project, selection: Selection) -> QuerySet[Any]:
    return selected(project, selection).filter(reason="")


def preview(project: Project, selection: Selection) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """Return what a freeze would count now: records by kind and split, and answers left out by reason."""
    rows = selected(project, selection)
    bridging = bridging_prompts(project, selection)
    left_out = Counter(dict(rows.exclude(reason="").values_list("reason").annotate(Count("pk")).order_by()))
    if bridging:
        left_out[GROUP_IN_TWO_SPLITS] = rows.filter(reason="", answer__task__prompt__in=bridging).count()
        rows = rows.exclude(answer__task__prompt__in=bridging)
    counts, going = empty_counts(), rows.filter(reason="")
    by_split = going.exclude(answer__task__prompt=None).values_list(_TASK + "protocol__kind", _PROMPT + "group__split")
    for kind, split, number in by_split.annotate(Count("pk")).order_by():
        counts[RECORDS_OF_KIND[kind]][split] += number
    _count_written(project, going.filter(answer__task__prompt=None), counts)
    return counts, {reason: number for reason, number in sorted(left_out.items()) if number}


def empty_counts() -> dict[str, dict[str, int]]:
    return {name: {split.value: 0 for split in Split} for name in RECORDS}


def pinned(project: Project, selection: Selection) -> tuple[array[int], dict[str, int]]:
    """Return the ids of the revisions that go in, sorted by group, and the answers left out by reason.

    One query through a server-side cursor: 8 bytes of memory an answer.
    """
    ids, left_out = array("q"), Counter[str]()
    rows = selected(project, selection).order_by(Collate(_PROMPT + "group__key", "C"), "pk")
    with transaction.atomic():
        for pk, reason in rows.values_list("pk", "reason").iterator(chunk_size=_CHUNK):
            if reason:
                left_out[reason] += 1
            else:
                ids.append(pk)
    return ids, dict(left_out)


def bridging_prompts(project: Project, selection: Selection) -> frozenset[int]:
    """Return the prompts whose first human turn stands in two splits of this selection.

    Groups that are the hash of that turn cannot; trees named by a file can, with each other and with those.
    Keeps one entry a first turn of a named tree in memory; two short queries where no tree is named.
    """
    prompts = Prompt.objects.filter(pk__in=going_in(project, selection).values(_PROMPT + "pk"))
    named = prompts.exclude(group__key__regex=_HASHED_KEY)
    split_of: dict[str, str] = {}
    bridging = {key for _, split, key in _first_turns(named) if split_of.setdefault(key, split) != split}
    hashed = PromptGroup.objects.filter(project=project, prompts__in=prompts)
    for keys in batches(list(split_of), _CHUNK):
        found = hashed.filter(key__in=keys).values_list("key", "split").distinct()
        bridging.update(key for key, split in found if split_of[key] != split)
    if not bridging:
        return frozenset()
    in_trees = {pk for pk, _, key in _first_turns(named) if key in bridging}
    return frozenset(in_trees.union(prompts.filter(group__key__in=bridging).values_list("pk", flat=True)))


def rows_of(ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return all that the records of these revisions say, completions apart, by revision id. One query."""
    rows = AnswerRevision.objects.filter(pk__in=ids).values(
        "pk",
        "payload",
        "shown_order",
        "seconds",
        "step_seconds",
        "created_at",
        annotator_id=F("answer__annotator_id"),
        source=F("answer__source_kind"),
        selection=F("answer__selection"),
        kind=F(_TASK + "protocol__kind"),
        protocol_id=F(_TASK + "protocol_id"),
        protocol_number=F("protocol_version__number"),
        strength_levels=F("protocol_version__config__strength_levels"),
        guideline_number=F("guideline_version__number"),
        prompt_id=F(_TASK + "prompt_id"),
        messages=F(_PROMPT + "messages"),
        brief=F(_TASK + "brief"),
        language=Coalesce(_PROMPT + "language", _TASK + "language"),
        group=F(_PROMPT + "group__key"),
        split=F(_PROMPT + "group__split"),
    )
    return {row["pk"]: dict(row) for row in rows}


def completions_of(ids: Collection[int]) -> dict[int, Completion]:
    """Return the completions by id. One query."""
    columns = ("pk", "text", "source_kind", "source_label")
    return {row.pk: row for row in Completion.objects.filter(pk__in=ids).only(*columns)}


def protocols_of(project: Project) -> dict[str, dict[str, str]]:
    """Return the names behind the protocol ids that records carry: a name may change, a record may not."""
    rows = Protocol.objects.filter(project=project).order_by("pk").values_list("pk", "kind", "name")
    return {f"{kind}/{pk}": {"kind": kind, "name": name} for pk, kind, name in rows}


def batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _count_written(project: Project, rows: QuerySet[Any], counts: dict[str, dict[str, int]]) -> None:
    """Count answers that are prompts themselves: which split they stand in only their text says."""
    with transaction.atomic():
        payloads = rows.values_list(_TASK + "protocol__kind", "payload").iterator(chunk_size=_CHUNK)
        while batch := list(islice(payloads, _CHUNK)):
            places = written.places_of(project, [payload for _, payload in batch])
            for (kind, _), place in zip(batch, places, strict=True):
                counts[RECORDS_OF_KIND[kind]][place["split"]] += 1


def _reason(selection: Selection) -> Case:
    """The first reason that holds keeps an answer out."""
    task = _TASK
    whens = [
        When(~Q(**{task + "protocol__kind__in": list(RECORDS_OF_KIND)}), then=Value(KIND_WITHOUT_RECORD)),
        When(answer__state=AnswerState.STRUCK, then=Value(STRUCK_ANSWER)),
        When(**{task + "state": TaskState.CANCELLED}, then=Value(TASK_CANCELLED)),
    ]
    for purpose in Purpose:
        if purpose != Purpose.WORK:
            whens.append(When(**{task + "purpose": purpose}, then=Value(f"{purpose.value}_task")))
    if not selection.include_spares:
        whens.append(When(answer__is_spare=True, then=Value(SPARE_ANSWER)))
    return Case(*whens, default=Value(""), output_field=CharField())


def _first_turns(prompts: QuerySet[Prompt]) -> Iterable[tuple[int, str, str]]:
    with transaction.atomic():
        for pk, split, messages in prompts.values_list("pk", "group__split", "messages").iterator(chunk_size=_CHUNK):
            yield pk, split, group_key_of(messages)
