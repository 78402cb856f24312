"""What a freeze would hold, before anything is frozen: counts and plots while somebody chooses.

Exact while a project is small. Beyond that, a share of its tasks is looked at, drawn by the hash of their content:
the answer says so, and takes as long at a million tasks as at ten thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from annotation.exports import documents, queries, rows, written
from annotation.exports.bridging import bridging_prompts
from annotation.exports.choosing import GROUP_IN_TWO_SPLITS, PROMPT, RECORDS_OF_KIND, TASK, selected
from annotation.exports.distributions import Distributions
from annotation.exports.held_out import sides_of
from annotation.exports.pseudonyms import Pseudonyms
from annotation.exports.rendering import BrokenRanking, kind_of, record_of
from annotation.exports.selection import BY_ANNOTATOR, Selection
from annotation.projects.models import Project
from annotation.quality.models import AnswerAgreement
from annotation.tasks.tallies import task_counts

MOST_TASKS = 10_000
MOST_PLOTTED = 1_000
# Shares of things judged alike, each class up to but without the next bound; the last one with it.
AGREEMENTS = tuple(tenth / 10 for tenth in range(10))

Counts = dict[str, dict[str, int]]


@dataclass
class Preview:
    """`share` of the tasks was looked at; counts are scaled up to all of them. `plots` says of how many it is made."""

    share: float
    counts: Counts = field(default_factory=queries.empty_counts)
    left_out: dict[str, int] = field(default_factory=dict)
    plots: dict[str, Any] = field(default_factory=dict)


def preview(project: Project, selection: Selection) -> Preview:
    """Return what a freeze would count now."""
    share = _share(project, selection)
    chosen = selected(project, selection)
    if share < 1:
        chosen = chosen.filter(**{TASK + "content_sha256__lt": f"{int(share * 16**12):012x}"})
    found = Preview(share)
    left_out = Counter[str]()
    going = _parted(project, selection, chosen, left_out, exact=share == 1)
    for kind, split, number in going.counts:
        found.counts[RECORDS_OF_KIND[kind]][split] += number
    found.left_out = {reason: _scaled(number, share) for reason, number in sorted(left_out.items()) if number}
    found.counts = {
        kind: {split: _scaled(number, share) for split, number in splits.items()}
        for kind, splits in found.counts.items()
    }
    if selection.documents:
        found.counts[documents.KIND] = documents.counts(project, selection)
    found.plots = _plots(project, going.ids)
    return found


@dataclass
class _Going:
    ids: list[int]
    counts: list[tuple[str, str, int]]


def _parted(
    project: Project, selection: Selection, chosen: QuerySet[Any], left_out: Counter[str], *, exact: bool
) -> _Going:
    """Return what goes in of the rows, by kind and split, and count what does not."""
    columns = ("pk", "reason", TASK + "protocol__kind", TASK + "prompt_id", PROMPT + "group__split")
    found = list(chosen.order_by("pk").values_list(*columns))
    left_out.update(reason for _, reason, *_ in found if reason)
    going = [row for row in found if not row[1]]
    # Trees that begin alike and straddling clusters are looked for among all or not at all.
    bridging = bridging_prompts(project, selection) if exact else frozenset()
    if bridging:
        left_out[GROUP_IN_TWO_SPLITS] += sum(row[3] in bridging for row in going)
        going = [row for row in going if row[3] not in bridging]
    if selection.split_by == BY_ANNOTATOR:
        return _by_annotator(project, chosen.filter(reason=""), going, left_out)
    counts = Counter((kind, split) for _, _, kind, prompt, split in going if prompt is not None)
    counts += _written(project, [row for row in going if row[3] is None])
    return _Going([row[0] for row in going], [(*key, number) for key, number in counts.items()])


def _by_annotator(project: Project, chosen: QuerySet[Any], going: Sequence[Any], left_out: Counter[str]) -> _Going:
    sides = sides_of(project, chosen, queries.as_ids(row[0] for row in going))
    left_out.update(sides.left_out)
    placed = [(row, split) for place, row in enumerate(going) if (split := sides.at(place))]
    counts = Counter((row[2], split) for row, split in placed)
    return _Going([row[0] for row, _ in placed], [(*key, number) for key, number in counts.items()])


def _written(project: Project, going: Sequence[Any]) -> Counter[tuple[str, str]]:
    """Count answers that are prompts themselves: which split they stand in only their text says."""
    if not going:
        return Counter()
    kind_of_pk = {row[0]: row[2] for row in going}
    payloads = dict(queries.payloads_of(list(kind_of_pk)))
    places = written.places_of(project, list(payloads.values()))
    return Counter((kind_of_pk[pk], place["split"]) for pk, place in zip(payloads, places, strict=True))


def _plots(project: Project, ids: Sequence[int]) -> dict[str, Any]:
    """Return the distributions of a part of what goes in, spread over all of it."""
    plotted = ids[:: max(1, -(-len(ids) // MOST_PLOTTED))]
    shown, name_of = Distributions(), Pseudonyms(project.pseudonym_key).__getitem__
    for batch in rows.batches(plotted):
        for row in batch.rows:
            try:
                shown.add(kind_of(row), record_of(row, batch.completions, name_of))
            except BrokenRanking:
                continue
    return shown.to_json() | {"agreement": _agreement(plotted)}


def _agreement(ids: Sequence[int]) -> list[dict[str, float]]:
    found = AnswerAgreement.objects.filter(answer__revisions__in=ids).values_list("agreement", flat=True)
    classes = Counter(max(bound for bound in AGREEMENTS if bound <= agreement) for agreement in found)
    return [{"from": bound, "count": classes[bound]} for bound in AGREEMENTS]


def _share(project: Project, selection: Selection) -> float:
    protocols = project.protocols.all()
    if selection.protocols:
        protocols = protocols.filter(pk__in=selection.protocols)
    tasks = sum(counts.open + counts.done for counts in task_counts(protocols).values())
    return min(1.0, MOST_TASKS / tasks) if tasks else 1.0


def _scaled(number: int, share: float) -> int:
    return round(number / share)
