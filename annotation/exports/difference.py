"""What became of one release in another: answers added, removed and changed, each with its reason.

Members pin revisions, so two releases are compared by their answers: one join, whatever their files hold. Why an
answer is in one and not in the other is asked of the selection that does not have it, as things stand now.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection

from annotation.exports.choosing import selected
from annotation.exports.models import Release
from annotation.exports.queries import manifest_of
from annotation.exports.selection import Selection
from training.records import SPLITS

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
REVISED, OTHER_SPLIT = "revised", "other_split"
# It passes the older selection and was not there yet; it passes the other selection and was left out when that froze.
ANSWERED_SINCE, LEFT_OUT_THEN = "answered_since", "left_out_then"
OTHER_PROTOCOL = "other_protocol"

_BATCH = 5_000
_SIDE = """
    SELECT r.answer_id, m.answer_revision_id AS revision, m.split
    FROM exports_releasemember m JOIN tasks_answerrevision r ON r.id = m.answer_revision_id WHERE m.release_id = {pk:d}
"""
_CHANGES = """
    COPY (
        SELECT answer_id, coalesce(a.revision, 0), coalesce(b.revision, 0), coalesce(a.split, ''), coalesce(b.split, '')
        FROM ({old}) a FULL JOIN ({new}) b USING (answer_id)
        WHERE (a.revision, a.split) IS DISTINCT FROM (b.revision, b.split) ORDER BY answer_id
    ) TO STDOUT
"""


@dataclass(frozen=True)
class Change:
    """One answer; the revision and split of the side that lacks it are None."""

    change: str
    reason: str
    answer: int
    old_revision: int | None
    new_revision: int | None
    old_split: str | None
    new_split: str | None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class _Narrow:
    """The changes without their reasons: 26 bytes each."""

    def __init__(self) -> None:
        self.ids, self.splits = array("q"), bytearray()

    def add(self, answer: int, old: int, new: int, old_split: bytes, new_split: bytes) -> None:
        self.ids.extend((answer, old, new))
        self.splits += bytes(_SPLITS.index(split.decode()) for split in (old_split, new_split))

    def __iter__(self) -> Iterator[tuple[int, int, int, str, str]]:
        for place in range(len(self.splits) // 2):
            old_split, new_split = self.splits[2 * place : 2 * place + 2]
            answer, old, new = self.ids[3 * place : 3 * place + 3]
            yield answer, old, new, _SPLITS[old_split], _SPLITS[new_split]


_SPLITS = ("", *SPLITS)


def changes(old: Release, new: Release) -> Iterator[Change]:
    """Yield every answer in which two releases of a project differ, by answer. Raise ReleaseNotFrozen.

    One join, read at once, then two queries a batch for the reasons: nothing is held open between two lines.
    """
    for release in (old, new):
        manifest_of(release)
    return _with_reasons(old, new, list(_narrow(old, new)))


def summary(old: Release, new: Release) -> dict[str, Any]:
    """Return {added, removed, changed: {total, reasons}, kept}. Raise ReleaseNotFrozen."""
    found: dict[str, Counter[str]] = {name: Counter() for name in (ADDED, REMOVED, CHANGED)}
    for change in changes(old, new):
        found[change.change][change.reason] += 1
    new_size = sum(sum(splits.values()) for splits in new.counts.values())
    counted = {
        name: {"total": reasons.total(), "reasons": dict(sorted(reasons.items()))} for name, reasons in found.items()
    }
    return counted | {"kept": new_size - found[ADDED].total() - found[CHANGED].total()}


def _narrow(old: Release, new: Release) -> _Narrow:
    found = _Narrow()
    statement = _CHANGES.format(old=_SIDE.format(pk=old.pk), new=_SIDE.format(pk=new.pk))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for line in copy:
            answer, before, after, old_split, new_split = bytes(line).rstrip(b"\n").split(b"\t")
            found.add(int(answer), int(before), int(after), old_split, new_split)
    return found


def _with_reasons(old: Release, new: Release, found: Sequence[tuple[int, int, int, str, str]]) -> Iterator[Change]:
    for start in range(0, len(found), _BATCH):
        batch = found[start : start + _BATCH]
        added = _reasons(old, [row[0] for row in batch if not row[1]])
        removed = _reasons(new, [row[0] for row in batch if not row[2]])
        for answer, before, after, old_split, new_split in batch:
            if before and after:
                change, reason = CHANGED, REVISED if before != after else OTHER_SPLIT
            elif after:
                change, reason = ADDED, added.get(answer, OTHER_PROTOCOL)
            else:
                change, reason = REMOVED, removed.get(answer, OTHER_PROTOCOL)
            yield Change(change, reason, answer, before or None, after or None, old_split or None, new_split or None)


def _reasons(lacking: Release, answers: Sequence[int]) -> dict[int, str]:
    """Return why the release does not have these answers, by the answer's id."""
    if not answers:
        return {}
    rows = selected(lacking.project, Selection.parse(lacking.selection)).filter(answer__in=answers)
    return {
        answer: reason or (ANSWERED_SINCE if created_at > lacking.started_at else LEFT_OUT_THEN)
        for answer, reason, created_at in rows.values_list("answer_id", "reason", "created_at")
    }
