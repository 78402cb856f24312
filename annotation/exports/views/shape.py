"""What a view is: a release's records as one trainer wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from training.records import DemonstrationRecord, RankingRecord, parse_line

Row = dict[str, Any]

_FILE_NAMES = {DemonstrationRecord: "demonstrations.jsonl", RankingRecord: "rankings.jsonl"}


def loses_no_record(record: Any) -> Mapping[str, int]:
    return {}


@dataclass(frozen=True)
class View:
    """A pure projection of records to rows.

    `rows(record)` yields what the record becomes, no key with a null value; `left_out(record)` counts by reason
    what of it becomes no row; `loses` names what the format cannot say.
    """

    name: str
    title: str
    record: type[DemonstrationRecord | RankingRecord]
    loses: tuple[str, ...]
    rows: Callable[[Any], Iterator[Row]]
    left_out: Callable[[Any], Mapping[str, int]] = loses_no_record

    @property
    def file_name(self) -> str:
        return _FILE_NAMES[self.record]

    def stream(self, lines: Iterable[bytes]) -> Iterator[Row]:
        """Yield the rows of a release file, one line in memory at a time."""
        for line in lines:
            yield from self.rows(self.record.from_json(parse_line(line)))
